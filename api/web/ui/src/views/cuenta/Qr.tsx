import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

interface Dibujo {
  size: number;
  path: string;
}

/** A QR code, drawn in the page: the secret in it travels nowhere else. */
export function Qr({ text, label }: { text: string; label: string }) {
  const dibujo = useSignal<Dibujo | undefined>(undefined);
  useEffect(() => {
    let gone = false;
    // Few ever see one: its library comes when it is needed.
    void import('uqr').then(({ encode }) => {
      const { size, data } = encode(text, { ecc: 'M', border: 2 });
      const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
      if (!gone) dibujo.value = { size, path };
    });
    return () => { gone = true; };
  }, [text]);
  if (!dibujo.value) return null;
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`0 0 ${dibujo.value.size} ${dibujo.value.size}`} shape-rendering="crispEdges">
      <path d={dibujo.value.path} fill="currentColor" />
    </svg>
  );
}

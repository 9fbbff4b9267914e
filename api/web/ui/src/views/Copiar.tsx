import { useSignal } from '@preact/signals';

/** Copies a text; where the browser does not allow it (plain http), it is not offered. */
export function Copiar({ text }: { text: string }) {
  const done = useSignal(false);
  if (!navigator.clipboard) return null;
  return (
    <button type="button" onClick={() => {
      void navigator.clipboard.writeText(text).then(() => {
        done.value = true;
        setTimeout(() => { done.value = false; }, 3_000);
      });
    }}>
      <span role="status">{done.value ? 'Copiado' : 'Copiar'}</span>
    </button>
  );
}

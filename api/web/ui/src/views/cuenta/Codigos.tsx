import { useSignal } from '@preact/signals';
import { Copiar } from '../Copiar';

/** The recovery codes, once: they are nowhere to be read again. */
export function Codigos({ codigos, onDone }: { codigos: string[]; onDone: () => void }) {
  const kept = useSignal(false);
  return (
    <section class="recuadro" aria-labelledby="codigos-titulo">
      <h3 id="codigos-titulo">Códigos de recuperación</h3>
      <p class="nota-grave" role="status">La verificación está activa. Guarde estos códigos en papel: cada uno entra una vez si pierde el teléfono, y no se vuelven a mostrar.</p>
      <ul class="codigos">{codigos.map((codigo) => <li key={codigo}>{codigo}</li>)}</ul>
      <p><Copiar text={codigos.join('\n')} /></p>
      <label class="linea">
        <input type="checkbox" checked={kept.value} onChange={(event) => { kept.value = event.currentTarget.checked; }} /> Los guardé
      </label>
      <button type="button" class="principal" disabled={!kept.value} onClick={onDone}>Listo</button>
    </section>
  );
}

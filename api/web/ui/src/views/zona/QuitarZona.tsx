import { operation } from '../../operation';
import type { Hecha, Zona } from '../../types';
import { busy, order } from '../../ui';

/** Taking a Zona off the map is asked twice: rules may hang on it. */
export function QuitarZona({ zona, onClose }: { zona: Zona; onClose: () => void }) {
  const quitar = async () => {
    await order(`quitar-${zona.id}`, {}, (key) => operation.http.order<Hecha>('DELETE', `/zonas/${zona.id}`, {}, { key }), `Zona ${zona.nombre} quitada.`);
    await operation.readMap().catch(() => undefined);
    onClose();
  };
  return (
    <section class="recuadro" aria-label={`Quitar ${zona.nombre}`}>
      <p>Deja de estar en el mapa y de dar alarmas. Su historia queda.</p>
      <div class="botones">
        <button type="button" class="grave" disabled={busy.value.has(`quitar-${zona.id}`)} onClick={() => void quitar()}>Quitar la zona</button>
        <button type="button" onClick={onClose}>Volver</button>
      </div>
    </section>
  );
}

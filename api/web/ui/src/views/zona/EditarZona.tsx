import { useSignal } from '@preact/signals';
import { desplegar, plegar } from '../../franjas';
import { operation } from '../../operation';
import { CLASE_ZONA } from '../../texto';
import { figura, trazo } from '../../trazo';
import type { Franja, Hecha, Zona } from '../../types';
import { Campo, Form, useEnvio } from '../formulario';
import { Marcando } from './FormZona';
import { Reglas, reglasDe } from './Reglas';

/** Renames a Zona, changes its rules, or draws it anew; unless drawn, its outline stays. */
export function EditarZona({ zona, onClose }: { zona: Zona; onClose: () => void }) {
  const envio = useEnvio(`zona-${zona.id}`);
  const horarios = useSignal<Franja[]>(plegar(zona.horarios ?? []));
  const redibujar = (forma: 'poligono' | 'circulo') => { trazo.value = { forma, puntos: [], zona: zona.id }; };
  const dibujo = trazo.value?.zona === zona.id ? trazo.value : undefined;
  const redibujada = dibujo && figura();
  return (
    <section class="recuadro" aria-label={`Modificar ${zona.nombre}`}>
      <Form envio={envio} campos={['nombre', 'clase', 'reglas.vacia_min']} boton="Guardar" enfocar bloqueado={dibujo && !redibujada} onCancel={onClose} onSubmit={(value) => {
        const shape = redibujada ?? (zona.circulo
          ? { geometria: { type: 'Point', coordinates: [zona.circulo.centro.lon, zona.circulo.centro.lat] }, radio_m: zona.circulo.radio_m }
          : { geometria: zona.geometria });
        const body = { nombre: value('nombre'), clase: value('clase'), ...shape, reglas: reglasDe(value), horarios: desplegar(horarios.value) };
        void envio.enviar(body, (key) => operation.http.order<Hecha>('PUT', `/zonas/${zona.id}`, body, { ifMatch: zona.version, key }), `Zona ${body.nombre} guardada.`)
          .then(async (ok) => {
            await operation.readMap().catch(() => undefined);
            if (ok) onClose();
          });
      }}>
        <Campo id="zona-nombre" label="Nombre" envio={envio} campo="nombre">{(a) => <input {...a} name="nombre" required maxLength={120} defaultValue={zona.nombre} autocomplete="off" />}</Campo>
        <Campo id="zona-clase" label="Clase" envio={envio} campo="clase">
          {(a) => <select {...a} name="clase">{Object.entries(CLASE_ZONA).map(([clase, text]) => <option key={clase} value={clase} selected={clase === zona.clase}>{text}</option>)}</select>}
        </Campo>
        {dibujo
          ? <><Marcando trazo={dibujo} /><div class="botones"><button type="button" onClick={() => { trazo.value = null; }}>Dejar el contorno como estaba</button></div></>
          : (
            <div class="botones" role="group" aria-label="Contorno">
              <button type="button" onClick={() => redibujar('poligono')}>Dibujarla de nuevo</button>
              <button type="button" onClick={() => redibujar('circulo')}>Como un círculo</button>
            </div>
          )}
        <Reglas envio={envio} reglas={zona.reglas ?? null} horarios={horarios} />
      </Form>
    </section>
  );
}

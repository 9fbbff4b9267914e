import { useSignal } from '@preact/signals';
import { desplegar, plegar } from '../../franjas';
import { operation } from '../../operation';
import type { Valores } from '../../sobre';
import { ordenarSobre } from '../../sobre';
import { CLASE_ZONA } from '../../texto';
import { figura, trazo } from '../../trazo';
import type { Franja, Hecha, Zona } from '../../types';
import { Ajenos, useSobre } from '../Ajenos';
import { Campo, Form, useEnvio } from '../formulario';
import { Marcando } from './FormZona';
import { Reglas, reglasDe } from './Reglas';

const NOMBRES: Record<string, string> = {
  nombre: 'Nombre', clase: 'Clase', entrada: 'Avisar cuando alguien entra', salida: 'Avisar cuando alguien sale', vacia_min: 'Minutos sin nadie',
  horarios: 'Horario', contorno: 'Contorno',
};

function valores({ nombre, clase, reglas, horarios, circulo, geometria }: Zona): Valores {
  return {
    nombre, clase: clase ?? '', entrada: reglas?.entrada ? 'sí' : '', salida: reglas?.salida ? 'sí' : '', vacia_min: reglas?.vacia_min ? String(reglas.vacia_min) : '',
    horarios: JSON.stringify(horarios ?? []), contorno: JSON.stringify(circulo ?? geometria ?? null),
  };
}

/** Renames a Zona, changes its rules, or draws it anew; unless drawn, its outline stays. */
export function EditarZona({ zona, onClose }: { zona: Zona; onClose: () => void }) {
  const { id } = zona;
  const envio = useEnvio(`zona-${id}`);
  const sobre = useSobre(zona, valores);
  const { base } = sobre;
  const nowKnown = () => operation.store.zonas.peek().find((one) => one.id === id) ?? zona;
  const horarios = useSignal<Franja[]>(plegar(zona.horarios ?? []));
  const redibujar = (forma: 'poligono' | 'circulo') => { trazo.value = { forma, puntos: [], zona: zona.id }; };
  const dibujo = trazo.value?.zona === zona.id ? trazo.value : undefined;
  const redibujada = dibujo && figura();
  return (
    <section class="recuadro" aria-label={`Modificar ${zona.nombre}`}>
      <Form envio={envio} campos={['nombre', 'clase', 'reglas.vacia_min']} boton="Guardar" enfocar bloqueado={sobre.otros.length > 0 || (dibujo && !redibujada)} onCancel={onClose} onSubmit={(value) => {
        const shape = redibujada ?? (zona.circulo
          ? { geometria: { type: 'Point', coordinates: [zona.circulo.centro.lon, zona.circulo.centro.lat] }, radio_m: zona.circulo.radio_m }
          : { geometria: zona.geometria });
        const body = { nombre: value('nombre'), clase: value('clase'), ...shape, reglas: reglasDe(value), horarios: desplegar(horarios.value) };
        void envio.enviar(body, (key) => ordenarSobre({
          leer: () => operation.readMap(),
          version: () => nowKnown().version ?? 0,
          cambiaron: () => sobre.cambiaron(nowKnown()),
          enviar: (ifMatch, one) => operation.http.order<Hecha>('PUT', `/zonas/${id}`, body, { ifMatch, key: one }),
        }, key), `Zona ${body.nombre} guardada.`)
          .then(async (ok) => {
            await operation.readMap().catch(() => undefined);
            if (ok) onClose();
          });
      }}>
        <Campo id="zona-nombre" label="Nombre" envio={envio} campo="nombre">{(a) => <input {...a} name="nombre" required maxLength={120} defaultValue={base.nombre} autocomplete="off" />}</Campo>
        <Campo id="zona-clase" label="Clase" envio={envio} campo="clase">
          {(a) => <select {...a} name="clase">{Object.entries(CLASE_ZONA).map(([clase, text]) => <option key={clase} value={clase} selected={clase === base.clase}>{text}</option>)}</select>}
        </Campo>
        {dibujo
          ? <><Marcando trazo={dibujo} /><div class="botones"><button type="button" onClick={() => { trazo.value = null; }}>Dejar el contorno como estaba</button></div></>
          : (
            <div class="botones" role="group" aria-label="Contorno">
              <button type="button" onClick={() => redibujar('poligono')}>Dibujarla de nuevo</button>
              <button type="button" onClick={() => redibujar('circulo')}>Como un círculo</button>
            </div>
          )}
        <Reglas envio={envio} reglas={base.reglas ?? null} horarios={horarios} />
        {!envio.sending && (
          <Ajenos sobre={sobre} nombres={NOMBRES} decir={(campo, valor) => (campo === 'clase' ? CLASE_ZONA[valor] ?? valor : valor)}
            nota="Guardar igual deja la zona como está en este formulario; el contorno, como está ahora salvo que usted lo haya dibujado."
            onTomar={() => { envio.limpiar(); horarios.value = plegar(zona.horarios ?? []); trazo.value = null; }} />
        )}
      </Form>
    </section>
  );
}

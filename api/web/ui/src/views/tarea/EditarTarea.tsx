import { useEffect } from 'preact/hooks';
import { formulario } from '../../acciones';
import { coordinates } from '../../format';
import { operation } from '../../operation';
import { nombreDeUsuario } from '../../personas';
import { ordenarSobre } from '../../sobre';
import { alDia } from '../../store/store';
import { cambiosDeTarea, valoresDeTarea } from '../../tarea';
import { PRIORIDAD, TIPO } from '../../texto';
import type { Hecha, Tarea, Tipo } from '../../types';
import { draft, refreshSelected, screen } from '../../ui';
import { Ajenos, useSobre } from '../Ajenos';
import { Form, useEnvio } from '../formulario';
import { Espera } from '../Pagina';
import { CAMPOS_TAREA, CamposTarea } from './CamposTarea';

/** Changes a Tarea once all of it is known: a row of a list lacks its checklist. */
export function EditarTarea({ tarea }: { tarea: Tarea }) {
  return (
    <section class="recuadro" aria-label={`Modificar ${tarea.codigo}`}>
      <h3>Modificar</h3>
      {tarea.lista ? <Formulario tarea={tarea} /> : <Espera />}
    </section>
  );
}

const NOMBRES: Record<string, string> = {
  titulo: 'Título', tipo: 'Tipo', prioridad: 'Prioridad', descripcion: 'Descripción', inicio_programado: 'Empieza', fin_programado: 'Termina',
  zona: 'Zona', delegado: 'Responsable', ubicacion: 'Lugar en el mapa', lugar: 'Referencia del lugar', lista: 'Lista de control',
};

/** Only what was touched is sent, for the version whose fields the person has seen. */
function Formulario({ tarea }: { tarea: Tarea }) {
  const { id } = tarea;
  const envio = useEnvio(`editar-${id}`);
  const sobre = useSobre(tarea, valoresDeTarea);
  const moved = draft.value?.que === 'lugar' ? draft.value.place : undefined;
  const at = moved ?? tarea.ubicacion;
  const nowKnown = () => operation.store.tareas.get(id) ?? tarea;
  useEffect(() => () => { if (draft.value?.que === 'lugar') draft.value = null; }, []);

  function submit(value: (name: string) => string) {
    // The place that is not moved is theirs, also beside another reference.
    const body = cambiosDeTarea(value, enSuLugar(sobre.base, tarea), moved ?? undefined);
    if (Object.keys(body).length === 0) {
      formulario.value = null;
      return;
    }
    void envio.enviar(
      body,
      (key) => ordenarSobre({
        leer: () => operation.readTarea(id),
        version: () => alDia(nowKnown()),
        cambiaron: () => sobre.cambiaron(nowKnown()),
        enviar: (ifMatch, one) => operation.http.order<Hecha>('PATCH', `/tareas/${id}`, body, { ifMatch, key: one }),
      }, key),
      `${tarea.codigo} modificada.`,
    ).then((done) => {
      void refreshSelected();
      if (done) formulario.value = null;
    });
  }

  return (
    <>
      <p class="nueva-lugar">
        Lugar: {at ? coordinates(at.lat, at.lon) : 'ninguno'}{' '}
        <button type="button" class="enlace" onClick={() => { screen.value = 'mapa'; draft.value = { que: 'lugar', place: null }; }}>Elegir en el mapa</button>
      </p>
      <Form envio={envio} campos={CAMPOS_TAREA} boton="Guardar" enfocar bloqueado={sobre.otros.length > 0} onSubmit={submit} onCancel={() => { formulario.value = null; }}>
        <CamposTarea envio={envio} tarea={sobre.base} />
        {!envio.sending && (
          <Ajenos sobre={sobre} nombres={NOMBRES} decir={decir} nota="Guardar igual pone lo que usted cambió y deja lo demás como está ahora."
            onTomar={() => { envio.limpiar(); if (draft.value?.que === 'lugar' && sobre.otros.some(({ campo }) => campo === 'ubicacion')) draft.value = null; }} />
        )}
      </Form>
    </>
  );
}

/** The words of the form's own place, at the coordinates that the Tarea has now. */
function enSuLugar(base: Tarea, { ubicacion }: Tarea): Tarea {
  return ubicacion ? { ...base, ubicacion: { ...ubicacion, descripcion: base.ubicacion?.descripcion ?? null } } : base;
}

function decir(campo: string, valor: string): string {
  switch (campo) {
    case 'tipo': return TIPO[valor as Tipo] ?? valor;
    case 'prioridad': return `${valor} ${PRIORIDAD[Number(valor)] ?? ''}`;
    case 'zona': return operation.store.zonas.value.find(({ id }) => id === valor)?.nombre ?? 'otra zona';
    case 'delegado': return nombreDeUsuario(valor);
    case 'inicio_programado': case 'fin_programado': return valor.replace('T', ' ');
    case 'lista': return valor.replaceAll('\n', ' · ');
    default: return valor;
  }
}

import { effect, signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { arrastrado, blanco, destino } from '../arrastre';
import { calor } from '../capas';
import { now } from '../clock';
import { MapController } from '../map/controller';
import type { Camera } from '../map/mercator';
import { bounds } from '../map/mercator';
import type { Objeto, Scene } from '../map/overlay';
import { vigentes } from '../marcas';
import { operation } from '../operation';
import { paso, recorrido } from '../recorrido';
import { restyled } from '../tema';
import { agregarPunto, anillo, trazo } from '../trazo';
import { anotar, draft, encimadas, encuadre, enVista, hovered, lookAt, marcaElegida, panelMarcas, panelZonas, select, selected, showAll } from '../ui';
import type { Efectivo, Tarea } from '../types';
import { ABIERTAS } from '../types';
import { Encimadas } from './Encimadas';
import { Leyenda } from './Leyenda';
import { Globo } from './Globo';
import { BotonesMapa } from './BotonesMapa';
import { Escala } from './Escala';
import { esquinas } from './zona/ver';

const QUE = {
  tarea: 'Toque el lugar de la tarea.', emergencia: 'Toque el lugar de la emergencia.',
  lugar: 'Toque el lugar nuevo de la tarea.', zona: 'Toque los puntos de la zona.', marca: 'Toque el lugar de la marca.',
} as const;

/** Where the popup's mark was drawn last. */
const pin = signal<{ x: number; y: number } | null>(null);

/** The operation on the map, with its legend, scale and popup. */
export function Mapa() {
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<MapController | undefined>(undefined);
  const camera = useSignal<Camera | undefined>(undefined);

  useEffect(() => {
    const controller = new MapController(box.current as HTMLDivElement, {
      pick: (place, objetos, marca, at) => {
        encimadas.value = null;
        const [objeto = null] = objetos;
        if (trazo.value) agregarPunto(place);
        else if (draft.value) anotar(draft.value.que, { place });
        else if (marca && !objeto) {
          select(null);
          panelZonas.value = false;
          panelMarcas.value = true;
          marcaElegida.value = marca;
        } else if (objetos.length > 1) {
          hovered.value = null;
          encimadas.value = { objetos, ...at };
        } else select(objeto);
      },
      hover: (objeto) => {
        const before = hovered.peek();
        if (before?.id !== objeto?.id) hovered.value = draft.peek() || encimadas.peek() ? null : objeto;
      },
      drawn: (at) => {
        const before = camera.peek();
        // What lies under the pointer is no longer what it was.
        if (before && (before.lat !== at.lat || before.lon !== at.lon || before.zoom !== at.zoom)) encimadas.value = null;
        camera.value = at;
        const objeto = hovered.peek();
        pin.value = (objeto && controller.overlay.where(objeto)) ?? null;
      },
      rest: (at) => {
        const bbox = clampBox(bounds(at));
        enVista.value = bbox;
        operation.view({ bbox, zoom: Math.round(at.zoom * 10) / 10 });
      },
    });
    map.current = controller;

    let framed = false;
    let ground = false;
    const stops = [
      effect(() => {
        const next = scene();
        controller.show(next);
        // The first time there is something to see, look at it; until then at the ground that is watched.
        if (!framed && (next.efectivos.length > 0 || next.tareas.length > 0)) {
          requestAnimationFrame(() => { framed ||= controller.frame(everything()); });
        } else if (!ground && next.zonas.length > 0) {
          requestAnimationFrame(() => { ground ||= controller.frame(everything()); });
        }
      }),
      effect(() => { if (restyled.value > 0) controller.restyle(); }),
      effect(() => { if (lookAt.value) controller.go(lookAt.value); }),
      effect(() => { if (encuadre.value) controller.frame(encuadre.value); }),
      effect(() => { if (showAll.value > 0) controller.frame(everything()); }),
      effect(() => { if ((draft.value && !draft.value.place) || trazo.value?.puntos.length === 0) controller.focus(); }),
    ];
    return () => {
      for (const stop of stops) stop();
      controller.destroy();
    };
  }, []);

  const choosing = (draft.value !== null && draft.value.place === null) || trazo.value !== null;
  return (
    <section class={`mapa ${choosing ? 'mapa-eligiendo' : ''}`} aria-label="Mapa" {...blanco((event) => bajo(map.current, event))}>
      <div class="mapa-caja" ref={box} />
      {choosing && (
        <>
          <div class="mira" aria-hidden="true" />
          <p class="mapa-aviso" role="status">
            {QUE[draft.value?.que ?? 'zona']} <span class="con-teclado">Con teclado: flechas para mover el mapa, <kbd>Enter</kbd> elige el centro, <kbd>Esc</kbd> lo deja.</span>
            {trazo.value && !trazo.value.listo && anillo.value.length > 0 && (
              <button type="button" class="principal mapa-listo" onClick={() => { if (trazo.value) trazo.value = { ...trazo.value, listo: true }; }}>Listo</button>
            )}
          </p>
        </>
      )}
      {arrastrado.value && (
        <p class="mapa-aviso" role="status">
          {arrastrado.value.clase === 'efectivo' ? 'Suéltelo sobre una tarea' : 'Suéltela sobre un efectivo'}: en su lista, en el mapa o en su panel. <span class="con-teclado"><kbd>Esc</kbd> lo deja.</span>
        </p>
      )}
      <BotonesMapa zoomBy={(levels) => map.current?.zoomBy(levels)} />
      <Leyenda />
      <Escala camera={camera.value} />
      <Globo pin={pin.value} camera={camera.value} />
      <Encimadas camera={camera.value} onClose={() => map.current?.focus()} />
    </section>
  );
}

/** The mark under what is dragged, of the kind that it could be dropped on. */
function bajo(map: MapController | undefined, event: DragEvent): Objeto | null {
  const what = arrastrado.peek();
  return (what && map?.under(event, what.clase === 'tarea' ? 'efectivo' : 'tarea')) ?? null;
}

/** What the map shows now; reading the signals here is what redraws it. */
function scene(): Scene {
  void operation.store.tareasRev.value;
  void operation.store.efectivosRev.value;
  const sel = selected.value;
  // Ended Tareas leave the map, unless somebody is looking at one.
  const tareas = [...operation.store.tareas.values()]
    .filter((tarea) => ABIERTAS.includes(tarea.estado) || (sel?.clase === 'tarea' && sel.id === tarea.id))
    .sort((a, b) => a.prioridad - b.prioridad);
  // Off duty nobody is followed; who was last seen where is in his own record.
  const efectivos = [...operation.store.efectivos.values()]
    .filter((efectivo) => efectivo.en_turno !== false || (sel?.clase === 'efectivo' && sel.id === efectivo.id));
  return {
    tareas,
    efectivos,
    zonas: operation.store.zonas.value,
    marcas: vigentes(operation.store.marcas.value, now.value),
    selected: sel,
    hovered: destino.value ?? hovered.value,
    links: sel ? links(tareas, sel) : [],
    draft: draft.value?.place ?? null,
    heat: calor.value && { side: calor.value.celda_grados, cells: calor.value.datos.map((cell) => ({ ...cell, weight: cell.tareas })) },
    track: recorrido.value && sel?.id === recorrido.value.efectivo ? { points: recorrido.value.pasos, at: paso.value } : null,
    outline: trazo.value && { ring: anillo.value, placed: trazo.value.puntos },
    // Fixes fade by the minute; redrawing each second would be for nothing.
    now: Math.floor(now.value / 5_000) * 5_000,
  };
}

function links(tareas: readonly Tarea[], sel: { clase: string; id: string }): { from: Efectivo; to: Tarea }[] {
  return tareas
    .filter((tarea) => ABIERTAS.includes(tarea.estado))
    .flatMap((tarea) => (tarea.asignaciones ?? [])
      .filter((a) => a.estado !== 'liberada' && a.estado !== 'rechazada')
      .filter((a) => (sel.clase === 'tarea' ? tarea.id === sel.id : a.efectivo === sel.id))
      .flatMap((a) => {
        const from = operation.store.efectivos.get(a.efectivo);
        return from ? [{ from, to: tarea }] : [];
      }));
}

function everything(): { lat: number; lon: number }[] {
  const places = [
    ...[...operation.store.efectivos.values()].filter((efectivo) => efectivo.en_turno !== false).map((efectivo) => efectivo.posicion_actual),
    ...[...operation.store.tareas.values()].filter((tarea) => ABIERTAS.includes(tarea.estado)).map((tarea) => tarea.ubicacion),
  ];
  const known = places.filter((place) => place !== null && place !== undefined);
  // Nobody and nothing to see, for this person: then the ground that the operation watches.
  return known.length > 0 ? known : operation.store.zonas.value.flatMap((zona) => esquinas(zona));
}

function clampBox([w, s, e, n]: [number, number, number, number]): [number, number, number, number] {
  return [Math.max(-180, w), Math.max(-90, s), Math.min(180, e), Math.min(90, n)];
}

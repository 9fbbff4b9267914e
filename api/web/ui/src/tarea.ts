import { coordinates } from './format';
import type { Punto, Tarea } from './types';
import { ABIERTAS } from './types';
import { fromField, toField } from './zone';

/** What the fields of the form say, as an order to create a Tarea. */
export function cuerpoDeTarea(value: (name: string) => string, place: Punto | null): Record<string, unknown> {
  const lugar = value('lugar');
  return compact({
    titulo: value('titulo'),
    tipo: value('tipo'),
    prioridad: Number(value('prioridad')),
    codigo: value('codigo').toUpperCase(),
    descripcion: value('descripcion'),
    inicio_programado: fromField(value('inicio_programado')),
    fin_programado: fromField(value('fin_programado')),
    zona: value('zona'),
    delegado: value('delegado'),
    lista: lineas(value('lista')),
    permitir_solape: value('permitir_solape') === 'si' || undefined,
    ubicacion: place ? { ...redondo(place), ...(lugar ? { descripcion: lugar } : {}) } : undefined,
  });
}

/**
 * Only what the person changed: what he did not touch stays, whoever else changes it.
 * An end or a zone that he emptied is taken away; a beginning there always is.
 */
export function cambiosDeTarea(value: (name: string) => string, tarea: Tarea, place?: Punto): Record<string, unknown> {
  const cambios: Record<string, unknown> = {};
  const lugar = value('lugar');
  const texts = { titulo: tarea.titulo, tipo: tarea.tipo, descripcion: tarea.descripcion ?? '' };
  for (const [name, before] of Object.entries(texts)) {
    if (value(name) !== before) cambios[name] = value(name);
  }
  if (Number(value('prioridad')) !== tarea.prioridad) cambios['prioridad'] = Number(value('prioridad'));
  if (value('zona') !== (tarea.zona ?? '')) cambios['zona'] = value('zona') || null;
  if (value('delegado') && value('delegado') !== tarea.delegado) cambios['delegado'] = value('delegado');
  for (const name of ['inicio_programado', 'fin_programado'] as const) {
    // The field shows minutes: only another minute is another time.
    const time = fromField(value(name));
    if (time && value(name) !== toField(tarea[name])) cambios[name] = time;
  }
  if (tarea.fin_programado && !value('fin_programado')) cambios['fin_programado'] = null;
  const at = place ?? tarea.ubicacion;
  if (at && (place || lugar !== (tarea.ubicacion?.descripcion ?? ''))) {
    cambios['ubicacion'] = { ...redondo(at), ...(lugar ? { descripcion: lugar } : {}) };
  }
  const puntos = lineas(value('lista'));
  const before = tarea.lista ?? [];
  if (puntos.join('\n') !== before.map((punto) => punto.texto).join('\n')) {
    // A line that stays keeps its number, and with it whether it was done.
    const left = [...before];
    cambios['lista'] = puntos.map((texto) => {
      const at = left.findIndex((punto) => punto.texto === texto);
      return at < 0 ? { texto } : { punto: left.splice(at, 1)[0]?.punto };
    });
  }
  if (value('permitir_solape') === 'si') cambios['permitir_solape'] = true;
  return cambios;
}

/** A title where the type stands beside it: that of an emergency says it once more. */
export function tituloCorto({ titulo, tipo }: Pick<Tarea, 'titulo' | 'tipo'>): string {
  const corto = tipo === 'emergencia' ? titulo.replace(/^Emergencia:\s*/i, '') || titulo : titulo;
  return corto ? corto.charAt(0).toUpperCase() + corto.slice(1) : 'Sin título';
}

/** What a description says that the title does not. */
export function descripcionAparte(tarea: Pick<Tarea, 'titulo' | 'tipo' | 'descripcion'>): string | undefined {
  const plain = (text: string) => text.split(/\s+/).join(' ').trim().toLowerCase();
  const descripcion = tarea.descripcion ?? '';
  return descripcion && plain(descripcion) !== plain(tituloCorto(tarea)) ? descripcion : undefined;
}

/** What the fields of the form show of a Tarea; its place is on the map. */
export function valoresDeTarea(tarea: Tarea): Record<string, string> {
  const { ubicacion } = tarea;
  return {
    titulo: tarea.titulo,
    tipo: tarea.tipo,
    prioridad: String(tarea.prioridad),
    descripcion: tarea.descripcion ?? '',
    inicio_programado: toField(tarea.inicio_programado),
    fin_programado: toField(tarea.fin_programado),
    zona: tarea.zona ?? '',
    delegado: tarea.delegado ?? '',
    ubicacion: ubicacion ? coordinates(ubicacion.lat, ubicacion.lon) : '',
    lugar: ubicacion?.descripcion ?? '',
    lista: (tarea.lista ?? []).map(({ texto }) => texto).join('\n'),
  };
}

/** The lines of a text, without the empty ones. */
export function lineas(text: string): string[] {
  return text.split('\n').map((line) => line.trim()).filter(Boolean);
}

/** Six decimals: a tenth of a metre, which no finger can point at. */
export function redondo({ lat, lon }: Punto): Punto {
  return { lat: Math.round(lat * 1e6) / 1e6, lon: Math.round(lon * 1e6) / 1e6 };
}

/** Without what was left empty: an absent field has the server's own default. */
export function compact(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0)));
}

/** How long before its beginning a Tarea that nobody has is somebody's business, ms; the first reminder comes then too. */
const CERCA_MS = 40 * 60_000;

/** Whether an open Tarea wants somebody now: it began, or soon does. */
export function apremia({ estado, inicio_programado: inicio }: Tarea, now: number): boolean {
  return ABIERTAS.includes(estado) && (estado !== 'programada' || !inicio || Date.parse(inicio) - now <= CERCA_MS);
}

/** The end that an open Tarea is past. */
export function vencida({ estado, fin_programado: fin }: Tarea, now: number): string | undefined {
  return fin && ABIERTAS.includes(estado) && Date.parse(fin) < now ? fin : undefined;
}

/** Whether it can be called: whoever may not read it is given a word in brackets. */
export function esTelefono(text: string): boolean {
  return /\d/.test(text) && !text.startsWith('[');
}

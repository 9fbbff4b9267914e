import { batch, signal } from '@preact/signals';
import { newKey } from './net/http';
import { Problem, problemOf } from './net/problem';
import { operation } from './operation';
import type { Objeto } from './map/overlay';
import type { Hecha, Punto } from './types';

/** What the person is doing with the page; none of it is the operation's. */

export const selected = signal<Objeto | null>(null);
export const hovered = signal<Objeto | null>(null);

/** Marks of the map that lie over one another, one of which the person is choosing, and where, CSS pixels of its box. */
export const encimadas = signal<{ objetos: readonly Objeto[]; x: number; y: number } | null>(null);

/** The side list on screens that show one at a time. */
export const tab = signal<'tareas' | 'efectivos'>('tareas');

/** The only thing a telephone shows at a time. */
export const screen = signal<'mapa' | 'lista'>('mapa');

/** The Zonas are listed in the panel. */
export const panelZonas = signal(false);

/** The markers are listed in the panel, with the one that was touched. */
export const panelMarcas = signal(false);
export const marcaElegida = signal<string | null>(null);

/** Asks the map to show these places, all of them. */
export const encuadre = signal<readonly Punto[] | null>(null);

/** Somebody of the field is being entered. */
export const nuevoEfectivo = signal(false);

export const help = signal(false);
export const menu = signal(false);

/** Set while something new is being written for a place; `place` once chosen on the map. */
export interface Borrador {
  /** `lugar`: another place for the Tarea that is being changed. */
  que: 'tarea' | 'emergencia' | 'lugar' | 'marca';
  place: Punto | null;
  /** Something was typed into its form. */
  escrito?: boolean;
  /** Grows each time that it is taken up again. */
  vez?: number;
}
export const draft = signal<Borrador | null>(null);

/** Half-written things that were left for something else: theirs until they are sent, or discarded on purpose. */
export const aparte = signal<readonly Borrador[]>([]);

/** Leaves what is being written as it is; of what nobody wrote anything, nothing stays. */
export function dejar(): void {
  const current = draft.peek();
  if (!current) return;
  batch(() => {
    draft.value = null;
    if (current.que !== 'lugar' && (current.place || current.escrito)) aparte.value = [...aparte.peek(), current];
  });
}

/** Throws it away: it was sent, or the person said so. */
export function descartar(que: Borrador['que']): void {
  batch(() => {
    if (draft.peek()?.que === que) draft.value = null;
    aparte.value = aparte.peek().filter((one) => one.que !== que);
  });
}

/** Changes what is known of a draft, wherever it is. */
export function anotar(que: Borrador['que'], what: Partial<Borrador>): void {
  const change = (one: Borrador) => (one.que === que ? { ...one, ...what } : one);
  batch(() => {
    if (draft.peek()) draft.value = change(draft.peek() as Borrador);
    aparte.value = aparte.peek().map(change);
  });
}

/** Asks the map to look at a place; a new object for each wish. */
export const lookAt = signal<{ lat: number; lon: number; zoom?: number } | null>(null);

/** West, south, east, north of what the map shows at rest. */
export const enVista = signal<readonly [number, number, number, number] | null>(null);

/** Asks the map to show the whole operation. */
export const showAll = signal(0);

/** Short news at the foot of the page. */
export interface Aviso {
  id: number;
  tono: 'bien' | 'mal';
  texto: string;
}
export const avisos = signal<Aviso[]>([]);
let avisoId = 0;

export function avisar(tono: Aviso['tono'], texto: string): void {
  const aviso = { id: ++avisoId, tono, texto };
  // Good news is about the last order only; bad news waits in line.
  avisos.value = [...avisos.value.filter((other) => other.tono === 'mal').slice(-3), aviso];
  // Bad news stays until read and dismissed.
  if (tono === 'bien') setTimeout(() => callar(aviso.id), 6_000);
}

export function callar(id: number): void {
  avisos.value = avisos.value.filter((aviso) => aviso.id !== id);
}

export function select(objeto: Objeto | null, look = false): void {
  dejar();
  encimadas.value = null;
  nuevoEfectivo.value = false;
  if (objeto) panelZonas.value = panelMarcas.value = false;
  selected.value = objeto;
  if (!objeto) return;
  tab.value = objeto.clase === 'tarea' ? 'tareas' : 'efectivos';
  if (look) lookAtObject(objeto);
}

export function lookAtObject(objeto: Objeto): void {
  const place = objeto.clase === 'tarea'
    ? operation.store.tareas.get(objeto.id)?.ubicacion
    : operation.store.efectivos.get(objeto.id)?.posicion_actual;
  if (place) lookAt.value = { lat: place.lat, lon: place.lon };
}

/** Begins to write something, or goes on with what was begun. */
export function startDraft(que: Borrador['que'] = 'tarea'): void {
  const begun = [draft.peek(), ...aparte.peek()].find((one) => one?.que === que);
  selected.value = null;
  nuevoEfectivo.value = false;
  panelZonas.value = panelMarcas.value = false;
  screen.value = 'mapa';
  batch(() => {
    if (draft.peek()?.que !== que) dejar();
    aparte.value = aparte.peek().filter((one) => one !== begun);
    draft.value = begun ? { ...begun, vez: (begun.vez ?? 0) + 1 } : { que, place: null };
  });
}

/** Orders under way, by name, so that a button is pressed once. */
export const busy = signal<ReadonlySet<string>>(new Set());

const keys = new Map<string, string>();

/**
 * The key of one intention with one body. It survives an attempt that got no
 * answer, so that pressing again is the same order; other words are another one.
 */
export function keyFor(intention: string, body: object): string {
  const whole = `${intention} ${JSON.stringify(body)}`;
  const key = keys.get(whole) ?? newKey();
  keys.set(whole, key);
  return key;
}

/** Called once the server has decided: the next time is a new intention. */
export function decided(intention: string): void {
  for (const whole of keys.keys()) if (whole.startsWith(`${intention} `)) keys.delete(whole);
}

/** Sends an order and tells the person how it went; without words for it, nothing is said either way. */
export async function order<T extends Partial<Hecha>>(
  intention: string,
  body: object,
  send: (key: string) => Promise<T>,
  done?: string,
): Promise<T | undefined> {
  if (busy.value.has(intention)) return undefined;
  busy.value = new Set([...busy.value, intention]);
  try {
    const answer = await send(keyFor(intention, body));
    decided(intention);
    if (answer.posicion) operation.sent(answer.posicion);
    if (done) avisar('bien', done);
    return answer;
  } catch (cause) {
    const problem = problemOf(cause);
    if (!problem.transient) decided(intention);
    if (problem.status === 412 || problem.status === 409) void refreshSelected();
    if (done) avisar('mal', sentence(problem));
    return undefined;
  } finally {
    const rest = new Set(busy.value);
    rest.delete(intention);
    busy.value = rest;
  }
}

/** The detail, then each field the server refused. */
export function sentence(problem: Problem): string {
  return [problem.message, ...problem.campos.map((campo) => (campo.campo ? `${campo.campo}: ${campo.mensaje}` : campo.mensaje))].join(' · ');
}

export async function refreshSelected(): Promise<void> {
  const objeto = selected.peek();
  if (!objeto) return;
  const read = objeto.clase === 'tarea' ? operation.readTarea(objeto.id) : operation.readEfectivo(objeto.id);
  await read.catch((cause: unknown) => avisar('mal', problemOf(cause).message));
}

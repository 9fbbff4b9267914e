import { deFicha } from './enpie';
import type { AlertFrame } from './live';
import { irA } from './nav';
import { problemOf } from './net/problem';
import { operation } from './operation';
import { puede } from './permisos';
import type { Hecha } from './types';
import { avisar, decided, keyFor, order, select } from './ui';

/** What an alert speaks of, when that can be opened. */
export function objetoDe(alert: AlertFrame): { clase: 'tarea' | 'efectivo'; id: string } | undefined {
  if (alert.tarea) return { clase: 'tarea', id: alert.tarea };
  return alert.efectivo ? { clase: 'efectivo', id: alert.efectivo } : undefined;
}

export function verAlerta(alert: AlertFrame): void {
  const objeto = objetoDe(alert);
  if (!objeto) return;
  irA('operacion');
  select(objeto, true);
}

/** Whether this person may sign for it: who calls for help does not answer himself. */
export function puedeAcusar(alert: AlertFrame): boolean {
  // What was heard leaves the screen of whoever has no say, too.
  return !deFicha(alert) || (puede('acusar') && alert.efectivo !== operation.yo.value?.efectivo);
}

/**
 * Takes alerts off the screen and has it recorded who saw them: a call for help
 * stops escalating by that. One that could not be recorded comes back.
 */
export async function enterado(alerts: readonly AlertFrame[]): Promise<void> {
  operation.acknowledge(alerts);
  if (!puede('acusar')) return;
  await Promise.all(alerts.map(acusar));
}

/** That a Tarea is past its end is a reminder of whoever is in charge too: nobody signs twice for one thing. */
async function leerla(id: string): Promise<void> {
  const mine = () => operation.recordatorios.peek()?.find((one) => one.id === id);
  // It rings before the reminders are read again.
  if (!mine()) await operation.readRecordatorios();
  // What could not be recorded stays among the reminders to be read, where it can be signed for.
  if (mine()?.leido === false) await leida(id);
}

/** Has it recorded that this person read a reminder; without words for it the page says nothing. */
export async function leida(id: string, done?: string): Promise<boolean> {
  const answer = await order(
    `lectura-${id}`, {}, (key) => operation.http.order<Hecha>('POST', `/avisos/${encodeURIComponent(id)}/lectura`, {}, { key }), done,
  );
  if (answer) operation.leido(id);
  return answer !== undefined;
}

async function acusar(alert: AlertFrame): Promise<void> {
  const intention = `acuse-${alert.id}`;
  try {
    const id = deFicha(alert) && alert.efectivo ? await operation.alertaDeSos(alert.efectivo) : alert.id;
    // Attended meanwhile.
    if (!id) return;
    const path = `/alertas/${encodeURIComponent(id)}/acuse`;
    const { posicion } = await operation.http.order<Hecha>('POST', path, {}, { key: keyFor(intention, {}) });
    decided(intention);
    operation.sent(posicion);
    if (alert.kind === 'tarea_vencida') await leerla(alert.id);
  } catch (cause) {
    const problem = problemOf(cause);
    // Some alerts are told and not kept: there is nothing to sign.
    if (problem.status === 404) return;
    operation.alertAgain(alert);
    avisar('mal', `No quedó registrado que se vio la alerta. ${problem.message}`);
  }
}

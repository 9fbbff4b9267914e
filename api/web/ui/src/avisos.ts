import { computed } from '@preact/signals';
import { enterado } from './alertas';
import { operation } from './operation';
import type { Hecha, Recordatorio } from './types';
import { order } from './ui';

/** How many reminders this person has not read. */
export const sinLeer = computed(() => operation.recordatorios.value?.filter(({ leido }) => !leido).length ?? 0);

/** Has it recorded that it was read; the alert that says the same rings no more for this person. */
export async function leer({ id, codigo }: Recordatorio): Promise<boolean> {
  const answer = await order(
    `lectura-${id}`, {}, (key) => operation.http.order<Hecha>('POST', `/avisos/${encodeURIComponent(id)}/lectura`, {}, { key }),
    `${codigo}: queda registrado que lo leyó.`,
  );
  if (!answer) {
    // It may have ended, or be somebody else's by now.
    operation.refreshRecordatorios();
    return false;
  }
  operation.leido(id);
  const rings = operation.pendingAlerts().find((alert) => alert.id === id);
  if (rings) void enterado([rings]);
  return true;
}

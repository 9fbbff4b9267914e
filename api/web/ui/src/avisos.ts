import { computed } from '@preact/signals';
import { enterado, leida } from './alertas';
import { operation } from './operation';
import type { Recordatorio } from './types';

/** How many reminders this person has not read. */
export const sinLeer = computed(() => operation.recordatorios.value?.filter(({ leido }) => !leido).length ?? 0);

/** Has it recorded that it was read; the alert that says the same rings no more for this person. */
export async function leer({ id, codigo }: Recordatorio): Promise<boolean> {
  if (!await leida(id, `${codigo}: queda registrado que lo leyó.`)) {
    // It may have ended, or be somebody else's by now.
    operation.refreshRecordatorios();
    return false;
  }
  const rings = operation.pendingAlerts().find((alert) => alert.id === id);
  if (rings) void enterado([rings]);
  return true;
}

import { ZONE } from './format';

/**
 * Date fields of the browser know no zone: they hold the wall clock of the
 * operation, wherever the machine that shows them believes to be.
 */

const parts = new Intl.DateTimeFormat('en-CA', {
  timeZone: ZONE, hourCycle: 'h23',
  year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit',
});

/** An instant -> `2026-11-24T03:07`, the value of a `datetime-local` field. */
export function toField(time: string | number | null | undefined): string {
  const date = new Date(time ?? NaN);
  return Number.isNaN(date.getTime()) ? '' : wall(date).slice(0, 16);
}

/** An instant -> `2026-11-24`, the value of a `date` field. */
export function toDayField(time: string | number): string {
  return wall(new Date(time)).slice(0, 10);
}

/** The value of such a field -> RFC 3339 in UTC; undefined when it is empty or no date. */
export function fromField(value: string): string | undefined {
  const asked = Date.parse(`${value.length === 10 ? `${value}T00:00` : value}Z`);
  if (Number.isNaN(asked)) return undefined;
  // Twice: the first guess may lie on the other side of a change of the clocks.
  let guess = asked;
  for (let i = 0; i < 2; i++) guess += asked - Date.parse(`${wall(new Date(guess))}Z`);
  return new Date(guess).toISOString();
}

/** The day after, of the operation's calendar; what is no day stays as it is. */
export function siguienteDia(day: string): string {
  const start = fromField(day);
  // Noon: a day of 23 or 25 hours does not change which day comes next.
  return start ? toDayField(Date.parse(start) + 36 * 3_600_000) : day;
}

function wall(date: Date): string {
  const at: Record<string, string> = {};
  for (const { type, value } of parts.formatToParts(date)) at[type] = value;
  return `${at['year']}-${at['month']}-${at['day']}T${at['hour']}:${at['minute']}:${at['second']}`;
}

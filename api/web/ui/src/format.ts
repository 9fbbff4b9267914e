/** Numbers, times and distances as the people of the operation write them. */

const LOCALE = 'es-AR';
export const ZONE = 'America/Argentina/Buenos_Aires';

const hourFormat = new Intl.DateTimeFormat(LOCALE, {
  timeZone: ZONE, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat(LOCALE, {
  timeZone: ZONE, day: '2-digit', month: '2-digit', year: 'numeric',
});
const longDayFormat = new Intl.DateTimeFormat(LOCALE, {
  timeZone: ZONE, weekday: 'long', day: 'numeric', month: 'long',
});

const numbers = new Intl.NumberFormat(LOCALE);

export function number(value: number): string {
  return numbers.format(value);
}

/** How many a list has: `1.204`, or `más de 100.000` where the server stopped counting. */
export function totalDe({ total, total_acotado }: { total: number; total_acotado?: boolean | undefined }): string {
  return total_acotado ? `más de ${number(total)}` : number(total);
}

/** `03:07:41`, in the operation's zone. */
export function hour(time: string | number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '—' : hourFormat.format(date);
}

/** `24/11/2026`. */
export function day(time: string | number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? '—' : dayFormat.format(date);
}

/** `martes, 24 de noviembre`. */
export function longDay(time: string | number): string {
  return longDayFormat.format(new Date(time));
}

/** The hour, with the day before it unless that is `now`'s day. */
export function moment(time: string | null | undefined, now: number): string {
  if (!time) return '—';
  const that = day(time);
  return that === day(now) ? hour(time) : `${that} ${hour(time)}`;
}

/** `8 s`, `2 min 5 s`, `1 h 20 min`, `3 d 4 h`: two units at most. */
export function span(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 10 && s % 60) return `${min} min ${s % 60} s`;
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 ? `${h} h ${min % 60} min` : `${h} h`;
  const d = Math.floor(h / 24);
  return h % 24 ? `${d} d ${h % 24} h` : `${d} d`;
}

/** Age of an instant, s; a clock slightly ahead counts as zero. */
export function age(time: string, now: number): number {
  const then = Date.parse(time);
  return Number.isNaN(then) ? Infinity : Math.max(0, (now - then) / 1000);
}

/** `hace 8 s`. */
export function ago(time: string | null | undefined, now: number): string {
  if (!time) return 'sin hora';
  const seconds = age(time, now);
  return Number.isFinite(seconds) ? `hace ${span(seconds)}` : 'sin hora';
}

/** A time that may be ahead: `hace 8 s`, `en 9 min`, `18:00`, `5/12 10:00`. */
export function cuando(time: string, now: number): string {
  const seconds = (Date.parse(time) - now) / 1000;
  // What begins at once is not told by the second.
  if (!(seconds > 5)) return ago(time, now);
  if (seconds < 3_600) return `en ${span(Math.ceil(seconds / 60) * 60)}`;
  const [date = '', hours = ''] = [day(time), hour(time).slice(0, 5)];
  if (date === day(now)) return hours;
  const [d, m, y] = date.split('/');
  return [`${Number(d)}/${Number(m)}${y === day(now).slice(-4) ? '' : `/${y}`}`, hours].join(' ');
}

/** `340 m`, `2,4 km`, `18 km`. */
export function distance(metres: number): string {
  if (metres < 1_000) return `${Math.round(metres)} m`;
  if (metres < 10_000) {
    return `${(metres / 1_000).toLocaleString(LOCALE, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} km`;
  }
  return `${number(Math.round(metres / 1_000))} km`;
}

/** `512 B`, `12 KiB`, `1,4 MiB`. */
export function bytes(size: number): string {
  if (size < 1_024) return `${number(size)} B`;
  if (size < 1_024 * 1_024) return `${number(Math.round(size / 1_024))} KiB`;
  return `${decimal(size / (1_024 * 1_024), 1)} MiB`;
}

/** `-34,60370; -58,38160`: five decimals are about one metre. */
export function coordinates(lat: number, lon: number): string {
  return `${decimal(lat, 5)}; ${decimal(lon, 5)}`;
}

export function decimal(value: number, digits: number): string {
  return value.toLocaleString(LOCALE, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

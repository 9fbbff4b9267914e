import { computed, signal } from '@preact/signals';

/**
 * The server's clock and the age of what is on screen.
 *
 * Ages are told in the server's time: a dispatcher's machine may be minutes off,
 * and a fix must not look fresh for that.
 */

/** Server time minus this machine's, ms. */
const offset = signal(0);

/** Ticks once a second, and only that often: texts in whole seconds hang on it. */
export const tick = signal(Date.now());

/** When the last frame came, by this machine's monotonic clock; undefined before. */
const heardAt = signal<number | undefined>(undefined);

setInterval(() => { tick.value = Date.now(); }, 1_000);

/** Now, as the server tells it, ms. */
export const now = computed(() => tick.value + offset.value);

/** Age of the last word from the server, s; undefined before the first. */
export const silence = computed(() => {
  void tick.value;
  return heardAt.value === undefined
    ? undefined
    : Math.max(0, Math.floor((performance.now() - heardAt.value) / 1000));
});

/** Takes note of a frame and of the time it carried. */
export function heard(serverTime: string | undefined): void {
  heardAt.value = performance.now();
  const time = serverTime ? Date.parse(serverTime) : NaN;
  if (Number.isNaN(time)) return;
  const measured = time - Date.now();
  // A frame that waited in a queue makes the server look late; the least
  // delayed one is the truth, so later is believed at once and earlier slowly.
  offset.value = measured > offset.value || Math.abs(measured - offset.value) > 30_000
    ? measured
    : offset.value * 0.95 + measured * 0.05;
}

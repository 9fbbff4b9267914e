import type { XY } from './mercator';
import type { Objeto } from './overlay';

/** A mark where it was drawn, units of the overlay. */
export type Mark = Objeto & XY;

/** How far from a mark a click still means it. */
const REACH = 16;

/** Marks nearer to one another than this cannot be told apart by pointing. */
const SPOT = 12;

/** How far a mark is from a point. */
export function far(mark: Mark, x: number, y: number): number {
  return Math.hypot(mark.x - x, top(mark) - y);
}

/** The mark nearest to a point, if any is within reach; of several the topmost, which was drawn last. */
export function nearest(marks: readonly Mark[], x: number, y: number, clase?: Objeto['clase']): Mark | null {
  let best: Mark | null = null;
  let least = REACH;
  for (const mark of marks) {
    if (clase && mark.clase !== clase) continue;
    const off = far(mark, x, y);
    if (off <= least) {
      least = off;
      best = mark;
    }
  }
  return best;
}

/** The mark nearest to a point and all that lie over or under it, from the nearest on. */
export function pile(marks: readonly Mark[], x: number, y: number): Objeto[] {
  const first = nearest(marks, x, y);
  if (!first) return [];
  return marks
    .map((mark, order) => ({ mark, order, off: far(mark, x, y) }))
    .filter(({ mark, off }) => off <= REACH && far(mark, first.x, top(first)) <= SPOT)
    .sort((a, b) => a.off - b.off || b.order - a.order)
    .map(({ mark: { clase, id } }) => ({ clase, id }));
}

/** The sign of a Tarea stands above its foot. */
function top({ clase, y }: Mark): number {
  return clase === 'tarea' ? y - 6 : y;
}

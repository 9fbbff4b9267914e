/** Which names find room on the map: a name that would hide a mark or another name is left out. */

export interface Named {
  text: string;
  /** Middle of the mark. */
  x: number;
  y: number;
  /** Half of the room that the name takes, units of the overlay. */
  half: number;
}

/** More marks than these on screen are a crowd: names would only be noise. */
export const MOST_NAMED = 60;

/** How far below a mark its name stands, and half the height of the text. */
export const NAME_BELOW = 17;
const HALF_HEIGHT = 6;

/** Half of the square that a mark covers. */
const MARK = 9;

/** The names to draw, those first in line first. */
export function roomFor(named: readonly Named[], marks: readonly { x: number; y: number }[]): Named[] {
  if (marks.length > MOST_NAMED) return [];
  const placed: Named[] = [];
  for (const one of named) {
    const y = one.y + NAME_BELOW;
    const hidesMark = marks.some((mark) => Math.abs(mark.x - one.x) < one.half + MARK && Math.abs(mark.y - y) < HALF_HEIGHT + MARK && (mark.x !== one.x || mark.y !== one.y));
    const hidesName = placed.some((other) => Math.abs(other.x - one.x) < one.half + other.half + 2 && Math.abs(other.y - one.y) < 2 * HALF_HEIGHT);
    if (!hidesMark && !hidesName) placed.push(one);
  }
  return placed;
}

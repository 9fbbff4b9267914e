import type { XY } from './mercator';

/**
 * The middle of a ring by its area, where its name belongs: neighbours that share a
 * border would read a name on it as either's. Undefined for what has no area.
 */
export function middle(ring: readonly XY[]): (XY & { area: number }) | undefined {
  const [origin] = ring;
  if (!origin) return undefined;
  let twice = 0;
  let x = 0;
  let y = 0;
  ring.forEach((a, i) => {
    const b = ring[(i + 1) % ring.length] as XY;
    // From the first corner: far from the screen the products would lose their digits.
    const cross = (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y);
    twice += cross;
    x += (a.x + b.x - 2 * origin.x) * cross;
    y += (a.y + b.y - 2 * origin.y) * cross;
  });
  if (Math.abs(twice) < 1e-9) return undefined;
  return { x: origin.x + x / (3 * twice), y: origin.y + y / (3 * twice), area: Math.abs(twice / 2) };
}

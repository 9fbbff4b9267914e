/**
 * Rings that cross 180 degrees, cut there. world-atlas stitches Russia, Fiji and
 * Antarctica over the antimeridian; drawn flat, each would smear across the map.
 */

type Ring = number[][];

/** The same land as rings that each stay within -180..180. */
export function cutPolygon(rings: Ring[]): Ring[][] {
  const [outer, ...holes] = rings;
  if (!outer) return [];
  const unrolled = unroll(outer);
  const { min, max } = extent(unrolled);
  if (min >= -180 && max <= 180) return [[unrolled, ...holes]];

  // Every copy of the world that the unrolled ring touches gets its part.
  const parts: Ring[][] = [];
  for (let shift = Math.floor((min + 180) / 360); shift <= Math.floor((max + 180) / 360); shift++) {
    const moved = unrolled.map(([lon = 0, lat = 0]) => [lon - 360 * shift, lat]);
    const part = clip(clip(moved, -180, true), 180, false);
    // Holes of such land (lakes) are small: each goes where its first point is.
    if (part.length >= 4) parts.push([part, ...(shift === 0 ? holes : [])]);
  }
  return parts;
}

/** A line as pieces that never jump across the map. */
export function cutLine(line: Ring): Ring[] {
  const pieces: Ring[] = [];
  let piece: Ring = [];
  for (const point of line) {
    const before = piece.at(-1);
    if (before && Math.abs((point[0] ?? 0) - (before[0] ?? 0)) > 180) {
      pieces.push(piece);
      piece = [];
    }
    piece.push(point);
  }
  pieces.push(piece);
  return pieces.filter((p) => p.length > 1);
}

/** Longitudes made continuous; a ring around a pole is closed along it. */
function unroll(ring: Ring): Ring {
  let turn = 0;
  let previous: number | undefined;
  const out = ring.map(([lon = 0, lat = 0]) => {
    if (previous !== undefined) {
      if (lon - previous > 180) turn -= 360;
      else if (lon - previous < -180) turn += 360;
    }
    previous = lon;
    return [lon + turn, lat];
  });
  const first = out[0] as number[];
  const last = out.at(-1) as number[];
  if (Math.abs((last[0] ?? 0) - (first[0] ?? 0)) > 180) {
    // Only Antarctica: down to the pole, back along it, and up again.
    const pole = (first[1] ?? 0) < 0 ? -90 : 90;
    out.push([last[0] ?? 0, pole], [first[0] ?? 0, pole], [...first]);
  }
  return out;
}

/** Sutherland-Hodgman against one meridian. */
function clip(ring: Ring, meridian: number, keepEast: boolean): Ring {
  const inside = (p: number[]) => (keepEast ? (p[0] ?? 0) >= meridian : (p[0] ?? 0) <= meridian);
  const out: Ring = [];
  ring.forEach((point, i) => {
    const before = ring[(i + ring.length - 1) % ring.length] as number[];
    if (inside(point) !== inside(before)) {
      const t = (meridian - (before[0] ?? 0)) / ((point[0] ?? 0) - (before[0] ?? 0));
      out.push([meridian, (before[1] ?? 0) + t * ((point[1] ?? 0) - (before[1] ?? 0))]);
    }
    if (inside(point)) out.push(point);
  });
  if (out.length > 0) out.push([...(out[0] as number[])]);
  return out;
}

function extent(ring: Ring): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const [lon = 0] of ring) {
    min = Math.min(min, lon);
    max = Math.max(max, lon);
  }
  return { min, max };
}

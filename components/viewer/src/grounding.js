import { MAX_COORDINATE_MM, Refusal } from "./refusal.js";

const COLUMNS = 2048;

// The triangles with the middle of their bounds above the origin and their lowest point at 0, changed in place; those
// with coordinates that are none are left out. Gives them with their size and the outline of their shadow.
export function grounded(corners) {
  const kept = withoutStrangeNumbers(corners);
  if (kept.length === 0) throw new Refusal("empty");
  const { low, high } = bounds(kept);
  const shift = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]];
  for (let i = 0; i < kept.length; i += 3) for (let axis = 0; axis < 3; axis++) kept[i + axis] -= shift[axis];
  return { positions: kept, size: high.map((value, axis) => value - low[axis]), outline: outline(kept) };
}

function withoutStrangeNumbers(corners) {
  let end = 0;
  for (let start = 0; start + 9 <= corners.length; start += 9) {
    let isSane = true;
    for (let i = start; i < start + 9; i++) isSane &&= Math.abs(corners[i]) <= MAX_COORDINATE_MM;
    if (!isSane) continue;
    if (end !== start) corners.copyWithin(end, start, start + 9);
    end += 9;
  }
  return end === corners.length ? corners : corners.slice(0, end);
}

function bounds(corners) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < corners.length; i += 3)
    for (let axis = 0; axis < 3; axis++) {
      const value = corners[i + axis];
      if (value < low[axis]) low[axis] = value;
      if (value > high[axis]) high[axis] = value;
    }
  return { low, high };
}

// The convex outline of the shadow on the plate, [x, y, …], a hair too large at most: of each of many columns the
// bounds of what is in it.
function outline(corners) {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < corners.length; i += 3) {
    least = Math.min(least, corners[i]);
    most = Math.max(most, corners[i]);
  }
  const columns = Array.from({ length: COLUMNS }, () => [Infinity, -Infinity, Infinity, -Infinity]);
  const perMm = (COLUMNS - 1) / (most - least || 1);
  for (let i = 0; i < corners.length; i += 3) {
    const [x, y] = [corners[i], corners[i + 1]];
    const column = columns[Math.floor((x - least) * perMm)];
    if (x < column[0]) column[0] = x;
    if (x > column[1]) column[1] = x;
    if (y < column[2]) column[2] = y;
    if (y > column[3]) column[3] = y;
  }
  const boxes = columns.filter(([left, right]) => left <= right);
  return hull(boxes.flatMap(([left, right, low, high]) => [[left, low], [left, high], [right, low], [right, high]])).flat();
}

// Andrew's monotone chain.
function hull(points) {
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const chain = (ordered) => {
    const kept = [];
    for (const point of ordered) {
      while (kept.length > 1 && !turnsLeft(kept.at(-2), kept.at(-1), point)) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...chain(points), ...chain(points.toReversed())];
}

const turnsLeft = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) > (b[1] - a[1]) * (c[0] - a[0]);

// Where words about a line stand: beside it, inside the picture, and over nothing that somebody wants to see.
const APART_PX = [16, 40, 80]; // from the line, the nearest that is clear
const CLEAR_PX = 8; // around the words, and to the edge of the picture

// The middle of words of a size (width, height) beside the line; null where there is no clear place for them. ``room`` is
// the size of the picture, ``taken`` are boxes {x, y, width, height} that must stay uncovered.
export function beside(from, to, size, room, taken) {
  const places = APART_PX.flatMap((apart) => [1, -1].map((side) => place(from, to, size, side, apart)));
  return places.map((at) => inside(at, size, room)).find((at) => isClear(boxAt(at, size), from, to, taken)) ?? null;
}

// As near to where it should be as the picture lets it.
export function inside(at, size, room) {
  return at.map((middle, axis) => {
    const edge = size[axis] / 2 + CLEAR_PX;
    return Math.max(edge, Math.min(middle, room[axis] - edge));
  });
}

export const middleOf = (from, to) => [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];

// The point of a box, given by its middle and its size, that is nearest to a point.
export function nearest(point, at, size) {
  return point.map((value, axis) => Math.max(at[axis] - size[axis] / 2, Math.min(value, at[axis] + size[axis] / 2)));
}

// Above the line first, or to the right of one that stands.
function place(from, to, size, side, apart) {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const across = length < 1 ? [0, -1] : [(to[1] - from[1]) / length, (from[0] - to[0]) / length];
  const isBelow = across[1] > 1e-3 || (Math.abs(across[1]) <= 1e-3 && across[0] < 0);
  const reach = (Math.abs(across[0]) * size[0] + Math.abs(across[1]) * size[1]) / 2 + apart;
  return middleOf(from, to).map((middle, axis) => middle + across[axis] * reach * (isBelow ? -side : side));
}

function boxAt(at, size) {
  const [width, height] = size.map((length) => length + 2 * CLEAR_PX);
  return { x: at[0] - width / 2, y: at[1] - height / 2, width, height };
}

function isClear(box, from, to, taken) {
  return !crosses(box, from, to) && !taken.some((other) => overlaps(box, other));
}

const overlaps = (one, other) =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

// Whether a line passes through a box: what is left of it between both pairs of edges.
function crosses({ x, y, width, height }, from, to) {
  let [begin, end] = [0, 1];
  for (const [start, way, low, high] of [[from[0], to[0] - from[0], x, x + width], [from[1], to[1] - from[1], y, y + height]]) {
    if (way === 0 && (start < low || start > high)) return false;
    if (way === 0) continue;
    const [one, other] = [(low - start) / way, (high - start) / way];
    [begin, end] = [Math.max(begin, Math.min(one, other)), Math.min(end, Math.max(one, other))];
  }
  return begin <= end;
}

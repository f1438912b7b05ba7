// The shadow of a part on the plate as a convex polygon: the rule of printlab/geometry/outline.py.
const COLUMNS = 1024;
const MOST_CORNERS = 64;
const MOST_ROUNDS = 12;

// The corners of the outline, counter-clockwise, [x, y, …] in the file's own coordinates: ``corners`` (nine numbers a
// triangle) are relative to ``origin``. One of more than 64 corners gets 64 tangents at even angles, which contain it.
export function outline(corners, origin) {
  const { kept, outside } = hullOf(flat(corners, origin));
  const isExact = outside.length === 0 && kept.length <= MOST_CORNERS;
  return (isExact ? kept : circumscribed(kept.flat(), outside, MOST_CORNERS)).flat();
}

// The hull of a few points first; then of what sticks out of it what is farthest from each side, as C. B. Barber's
// quickhull (1996) has it. Where something still does in the end, there are far more corners than are wanted anyway.
function hullOf(points) {
  let kept = hull(endsOf(points));
  let { outside, farthest } = beyond(kept, points);
  for (let round = 1; round < MOST_ROUNDS && outside.length > 0; round++) {
    kept = hull([...kept, ...farthest]);
    ({ outside, farthest } = beyond(kept, outside));
  }
  return { kept, outside };
}

// x and y of each corner, exactly as the file has them.
function flat(corners, origin) {
  const points = new Float64Array((corners.length / 3) * 2);
  for (let from = 0, to = 0; from < corners.length; from += 3) {
    points[to++] = corners[from] + origin[0];
    points[to++] = corners[from + 1] + origin[1];
  }
  return points;
}

// Of each of many columns the points at its four ends.
function endsOf(points) {
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    least = Math.min(least, points[i]);
    most = Math.max(most, points[i]);
  }
  const ends = new Int32Array(COLUMNS * 4).fill(-1);
  const perMm = (COLUMNS - 1) / (most - least || 1);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    const at = Math.floor((x - least) * perMm) * 4;
    if (ends[at] < 0) ends.fill(i, at, at + 4);
    if (x < points[ends[at]]) ends[at] = i;
    if (x > points[ends[at + 1]]) ends[at + 1] = i;
    if (y < points[ends[at + 2] + 1]) ends[at + 2] = i;
    if (y > points[ends[at + 3] + 1]) ends[at + 3] = i;
  }
  return [...new Set(ends)].filter((i) => i >= 0).map((i) => [points[i], points[i + 1]]);
}

// The points that lie outside a hull, [x, y, …], and of each of its sides the farthest of them.
function beyond(polygon, points) {
  const last = polygon.reduce((best, corner, i) => (precedes(polygon[best], corner) ? i : best), 0);
  const chains = [new Chain(polygon.slice(0, last + 1), 1), new Chain([...polygon.slice(last), polygon[0]].reverse(), -1)];
  const outside = new Float64Array(points.length);
  let end = 0;
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    if (!chains[0].isPassed(x, y) && !chains[1].isPassed(x, y)) continue;
    outside[end++] = x;
    outside[end++] = y;
  }
  return { outside: outside.slice(0, end), farthest: chains.flatMap((chain) => chain.farthest()) };
}

// The lower half of a hull (inside is above it: 1), or its upper half (-1); its corners ascend.
class Chain {
  constructor(corners, side) {
    this.corners = Float64Array.from(corners.flat());
    this.side = side;
    this.depths = new Float64Array(corners.length);
    this.places = new Float64Array(corners.length * 2);
  }
  // Whether a point lies beyond the side that it is nearest to.
  isPassed(x, y) {
    const { corners } = this;
    let [low, high] = [0, corners.length / 2 - 1];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((x - corners[middle * 2] || y - corners[middle * 2 + 1]) < 0) high = middle;
      else low = middle;
    }
    const [ax, ay, bx, by] = [corners[low * 2], corners[low * 2 + 1], corners[high * 2], corners[high * 2 + 1]];
    const depth = -this.side * ((bx - ax) * (y - ay) - (by - ay) * (x - ax));
    if (!(depth > 0)) return false;
    if (depth > this.depths[low]) {
      this.depths[low] = depth;
      this.places[low * 2] = x;
      this.places[low * 2 + 1] = y;
    }
    return true;
  }
  farthest() {
    return Array.from(this.depths, (depth, i) => [depth, this.places[i * 2], this.places[i * 2 + 1]])
      .filter(([depth]) => depth > 0)
      .map(([, x, y]) => [x, y]);
  }
}

const precedes = (a, b) => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

// Andrew's monotone chain, counter-clockwise from the leftmost point.
function hull(points) {
  points.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const distinct = points.filter((point, i) => i === 0 || precedes(points[i - 1], point));
  if (distinct.length < 3) return distinct;
  const chain = (ordered) => {
    const kept = [];
    for (const point of ordered) {
      while (kept.length > 1 && !(area(kept.at(-2), kept.at(-1), point) > 0)) kept.pop();
      kept.push(point);
    }
    return kept.slice(0, -1);
  };
  return [...chain(distinct), ...chain(distinct.toReversed())];
}

// Twice the area of a triangle; positive where it turns left.
const area = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function circumscribed(kept, outside, count) {
  const normals = Array.from({ length: count }, (_, i) => [Math.cos((i * 2 * Math.PI) / count), Math.sin((i * 2 * Math.PI) / count)]);
  const distances = normals.map((normal) => Math.max(farthestAlong(normal, kept), farthestAlong(normal, outside)));
  return normals.map((normal, i) => {
    const [following, beyond] = [normals[(i + 1) % count], distances[(i + 1) % count]];
    const across = normal[0] * following[1] - normal[1] * following[0];
    const x = distances[i] * following[1] - beyond * normal[1];
    const y = beyond * normal[0] - distances[i] * following[0];
    return [x / across, y / across];
  });
}

function farthestAlong([x, y], points) {
  let most = -Infinity;
  for (let i = 0; i < points.length; i += 2) most = Math.max(most, points[i] * x + points[i + 1] * y);
  return most;
}

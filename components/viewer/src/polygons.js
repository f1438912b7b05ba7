// Splits a polygon in space into triangles: a fan where it is convex, ear by ear where it is not. The rules are those of
// printlab/geometry/polygons.py, so that both see one surface, also of polygons that are not flat.
const MOST_CLIPPED = 2000; // corners; ears cost their square
const STRAIGHT = 1e-12; // of the squared extent: what rounding makes of a corner that is none
const ALIKE = 1e-9; // cosines of folds; the first diagonal is taken then

// The corners' places in ``polygon`` (numbers of corners in ``points``), three a triangle.
export function triangulated(polygon, points) {
  const fan = Array.from({ length: polygon.length - 2 }, (_, i) => [0, i + 1, i + 2]);
  if (polygon.length === 3 || polygon.length > MOST_CLIPPED) return fan;
  if (polygon.length === 4) return quad(polygon.map((corner) => [...points.subarray(corner * 3, corner * 3 + 3)]));
  const flat = flattened(polygon, points);
  return isConvex(flat) ? fan : clipped(flat);
}

// Cut at the diagonal that folds it less: a concave one is folded right over at the other.
function quad(corners) {
  const isOther = fold([...corners.slice(1), corners[0]]) > fold(corners) + ALIKE;
  return isOther ? [[1, 2, 3], [1, 3, 0]] : [[0, 1, 2], [0, 2, 3]];
}

// The cosine between the two triangles of a quad that is cut at its first corner; 0 where one is flat.
function fold([a, b, c, d]) {
  const across = minus(c, a);
  const [one, other] = [cross(minus(b, a), across), cross(across, minus(d, a))];
  const lengths = Math.hypot(...one) * Math.hypot(...other);
  return lengths > 0 ? (one[0] * other[0] + one[1] * other[1] + one[2] * other[2]) / lengths : 0;
}

const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
const cross = ([ax, ay, az], [bx, by, bz]) => [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];

// The polygon seen along the axis in which it is largest, counter-clockwise.
function flattened(polygon, points) {
  const normal = newell(polygon, points);
  const size = normal.map(Math.abs);
  const axis = size.indexOf(Math.max(...size));
  const [across, up] = normal[axis] >= 0 ? [(axis + 1) % 3, (axis + 2) % 3] : [(axis + 2) % 3, (axis + 1) % 3];
  return polygon.map((corner) => [points[corner * 3 + across], points[corner * 3 + up]]);
}

// Newell's method, about the first corner: the normal of a polygon that need not be flat.
function newell(polygon, points) {
  const normal = [0, 0, 0];
  const from = (corner, axis) => points[corner * 3 + axis] - points[polygon[0] * 3 + axis];
  polygon.forEach((corner, i) => {
    const next = polygon[(i + 1) % polygon.length];
    for (let axis = 0; axis < 3; axis++) {
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
      normal[axis] += (from(corner, u) - from(next, u)) * (from(corner, v) + from(next, v));
    }
  });
  return normal;
}

const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function isConvex(flat) {
  const { length } = flat;
  const least = -STRAIGHT * (range(flat, 0) ** 2 + range(flat, 1) ** 2);
  return flat.every((corner, i) => turn(corner, flat[(i + 1) % length], flat[(i + 2) % length]) >= least);
}

function range(flat, axis) {
  const along = flat.map((corner) => corner[axis]);
  return Math.max(...along) - Math.min(...along);
}

function clipped(flat) {
  const left = flat.map((_, i) => i);
  const triangles = [];
  while (left.length > 3) {
    const ear = left.findIndex((_, i) => isEar(left, i, flat));
    const i = Math.max(ear, 0); // a polygon that crosses itself has none: go on with what there is
    triangles.push(cornersAt(left, i));
    left.splice(i, 1);
  }
  triangles.push(left);
  return triangles;
}

const cornersAt = (left, i) => [left[(i + left.length - 1) % left.length], left[i], left[(i + 1) % left.length]];

function isEar(left, i, flat) {
  const [a, b, c] = cornersAt(left, i).map((corner) => flat[corner]);
  if (turn(a, b, c) <= 0) return false;
  return left.every((other) => {
    const p = flat[other];
    if (p === a || p === b || p === c) return true;
    return !(turn(a, b, p) >= 0 && turn(b, c, p) >= 0 && turn(c, a, p) >= 0);
  });
}

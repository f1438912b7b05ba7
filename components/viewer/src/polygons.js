// Splits a polygon in space into triangles: a fan where it is convex, ear by ear where it is not.
const MOST_CLIPPED = 2000; // corners; ears cost their square

// The corners' places in ``polygon`` (numbers of corners in ``points``), three a triangle.
export function triangulated(polygon, points) {
  const fan = Array.from({ length: polygon.length - 2 }, (_, i) => [0, i + 1, i + 2]);
  if (polygon.length === 3 || polygon.length > MOST_CLIPPED) return fan;
  const flat = flattened(polygon, points);
  return isConvex(flat) ? fan : clipped(flat);
}

// The polygon seen along the axis in which it is largest, counter-clockwise.
function flattened(polygon, points) {
  const normal = newell(polygon, points);
  const size = normal.map(Math.abs);
  const axis = size.indexOf(Math.max(...size));
  const [across, up] = normal[axis] >= 0 ? [(axis + 1) % 3, (axis + 2) % 3] : [(axis + 2) % 3, (axis + 1) % 3];
  return polygon.map((corner) => [points[corner * 3 + across], points[corner * 3 + up]]);
}

// Newell's method: the normal of a polygon that need not be flat.
function newell(polygon, points) {
  const normal = [0, 0, 0];
  polygon.forEach((corner, i) => {
    const next = polygon[(i + 1) % polygon.length];
    for (let axis = 0; axis < 3; axis++) {
      const [u, v] = [(axis + 1) % 3, (axis + 2) % 3];
      const height = points[corner * 3 + v] + points[next * 3 + v];
      normal[axis] += (points[corner * 3 + u] - points[next * 3 + u]) * height;
    }
  });
  return normal;
}

const turn = (a, b, c) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

function isConvex(flat) {
  const { length } = flat;
  return flat.every((corner, i) => turn(corner, flat[(i + 1) % length], flat[(i + 2) % length]) >= 0);
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

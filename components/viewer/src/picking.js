const SNAP_PX = 10;

// Where a ray first meets the part, as it is in its own coordinates; corners close to the pointer are meant exactly.
// ``isShown`` says of a point whether the section leaves it; null where the ray meets nothing. ``isInside``: the face is
// met from behind, which a closed part shows where it is cut only.
export function picked(positions, origin, direction, isShown) {
  let nearest = Infinity;
  let face = -1;
  for (let at = 0; at < positions.length; at += 9) {
    const distance = meets(positions, at, origin, direction);
    if (distance < nearest && isShown(along(origin, direction, distance))) {
      nearest = distance;
      face = at;
    }
  }
  if (face < 0) return null;
  const corners = [0, 3, 6].map((i) => [...positions.subarray(face + i, face + i + 3)]);
  return { point: along(origin, direction, nearest), corners, isInside: looksAlong(corners, direction) };
}

function looksAlong([a, b, c], direction) {
  const [ux, uy, uz] = b.map((value, axis) => value - a[axis]);
  const [vx, vy, vz] = c.map((value, axis) => value - a[axis]);
  const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  return normal.reduce((sum, value, axis) => sum + value * direction[axis], 0) > 0;
}

const along = (origin, direction, distance) => origin.map((value, axis) => value + direction[axis] * distance);

// Möller and Trumbore, "Fast, minimum storage ray/triangle intersection" (1997); Infinity where they do not meet.
function meets(p, at, [ox, oy, oz], [dx, dy, dz]) {
  const [ax, ay, az] = [p[at], p[at + 1], p[at + 2]];
  const ux = p[at + 3] - ax, uy = p[at + 4] - ay, uz = p[at + 5] - az;
  const vx = p[at + 6] - ax, vy = p[at + 7] - ay, vz = p[at + 8] - az;
  const px = dy * vz - dz * vy, py = dz * vx - dx * vz, pz = dx * vy - dy * vx;
  const determinant = ux * px + uy * py + uz * pz;
  if (determinant === 0) return Infinity;
  const tx = ox - ax, ty = oy - ay, tz = oz - az;
  const u = (tx * px + ty * py + tz * pz) / determinant;
  if (!(u >= 0 && u <= 1)) return Infinity;
  const qx = ty * uz - tz * uy, qy = tz * ux - tx * uz, qz = tx * uy - ty * ux;
  const v = (dx * qx + dy * qy + dz * qz) / determinant;
  if (!(v >= 0 && u + v <= 1)) return Infinity;
  const distance = (vx * qx + vy * qy + vz * qz) / determinant;
  return distance > 0 ? distance : Infinity;
}

// The corner that the pointer is on, or else the point itself; ``onScreen`` gives the place of a point in px.
export function snapped({ point, corners }, onScreen, isShown) {
  const [x, y] = onScreen(point);
  const distances = corners.map((corner) => {
    const [cornerX, cornerY] = onScreen(corner);
    return isShown(corner) ? Math.hypot(cornerX - x, cornerY - y) : Infinity;
  });
  const least = Math.min(...distances);
  return least <= SNAP_PX ? corners[distances.indexOf(least)] : point;
}

// Normals that are smooth where faces meet at less than the crease angle and leave sharper edges sharp.
const CREASE_COS = Math.cos(Math.PI / 6);
const MOST_AROUND = 128; // corners at one point; comparing them costs their square
const FULL = 32767;

// A normal for each corner, four 16-bit numbers of which the last is unused: the graphics card reads in fours.
export function creasedNormals(positions) {
  const faces = faceNormals(positions);
  const { starts, order } = groupedByPoint(positions);
  const normals = new Int16Array((positions.length / 3) * 4);
  for (let group = 0; group + 1 < starts.length; group++) {
    const [first, end] = [starts[group], starts[group + 1]];
    for (let i = first; i < end; i++) {
      const [x, y, z] = end - first > MOST_AROUND ? faceOf(faces, order[i]) : mean(faces, order, first, end, order[i]);
      const scale = FULL / (Math.hypot(x, y, z) || 1);
      normals.set([x * scale, y * scale, z * scale], order[i] * 4);
    }
  }
  return normals;
}

// Of each face the unit normal and twice the area.
function faceNormals(p) {
  const faces = new Float32Array((p.length / 9) * 4);
  for (let at = 0, to = 0; at < p.length; at += 9, to += 4) {
    const [ax, ay, az] = [p[at + 3] - p[at], p[at + 4] - p[at + 1], p[at + 5] - p[at + 2]];
    const [bx, by, bz] = [p[at + 6] - p[at], p[at + 7] - p[at + 1], p[at + 8] - p[at + 2]];
    const [x, y, z] = [ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx];
    const area = Math.sqrt(x * x + y * y + z * z);
    const scale = 1 / (area || 1);
    faces[to] = x * scale;
    faces[to + 1] = y * scale;
    faces[to + 2] = z * scale;
    faces[to + 3] = area;
  }
  return faces;
}

function faceOf(faces, corner) {
  const at = Math.floor(corner / 3) * 4;
  return [faces[at], faces[at + 1], faces[at + 2]];
}

function mean(faces, order, first, end, corner) {
  const [nx, ny, nz] = faceOf(faces, corner);
  let [x, y, z] = [0, 0, 0];
  for (let i = first; i < end; i++) {
    const at = Math.floor(order[i] / 3) * 4;
    if (faces[at] * nx + faces[at + 1] * ny + faces[at + 2] * nz < CREASE_COS) continue;
    x += faces[at] * faces[at + 3];
    y += faces[at + 1] * faces[at + 3];
    z += faces[at + 2] * faces[at + 3];
  }
  return x || y || z ? [x, y, z] : [nx, ny, nz];
}

// The corners sorted so that those at one point stand together; ``starts`` says where each point's begin.
function groupedByPoint(positions) {
  const { group, count } = numberedPoints(positions);
  const starts = new Uint32Array(count + 1);
  for (const number of group) starts[number + 1]++;
  for (let i = 0; i < count; i++) starts[i + 1] += starts[i];
  const next = starts.slice(0, count);
  const order = new Uint32Array(group.length);
  for (let corner = 0; corner < group.length; corner++) order[next[group[corner]]++] = corner;
  return { starts, order };
}

// Which point each corner is at, by an open hash table over the bits of its coordinates.
function numberedPoints(positions) {
  const corners = positions.length / 3;
  const bits = new Int32Array(positions.buffer, positions.byteOffset, positions.length);
  const size = 2 ** Math.ceil(Math.log2(corners * 2));
  const table = new Int32Array(size).fill(-1);
  const group = new Uint32Array(corners);
  let count = 0;
  for (let corner = 0; corner < corners; corner++) {
    const at = corner * 3;
    let slot = hash(bits[at], bits[at + 1], bits[at + 2]) & (size - 1);
    while (table[slot] !== -1 && !isSamePoint(bits, table[slot] * 3, at)) slot = (slot + 1) & (size - 1);
    if (table[slot] === -1) {
      table[slot] = corner;
      group[corner] = count++;
    } else group[corner] = group[table[slot]];
  }
  return { group, count };
}

function hash(x, y, z) {
  let mixed = Math.imul(x, 73856093) ^ Math.imul(y, 19349663) ^ Math.imul(z, 83492791);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

const isSamePoint = (bits, a, b) => bits[a] === bits[b] && bits[a + 1] === bits[b + 1] && bits[a + 2] === bits[b + 2];

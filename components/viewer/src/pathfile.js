import { Refusal } from "./refusal.js";

// The tool path's file, as printlab/slicers/toolpath.py describes it.
const MAGIC = 0x504c5450;
const VERSION = 1;
const GZIP = 0x1f8b;
const HALF = 32768;
const MOST_POINTS = 4_000_000;

// Of each plate the chain of points as [x, y, z, kind, …], 16 bits each, with the header.
export async function readToolPaths(bytes) {
  const paths = [];
  let rest = await inflated(bytes);
  do {
    const { path, end } = readFirst(rest);
    paths.push(path);
    rest = rest.subarray(end);
  } while (rest.length > 0);
  return paths;
}

function readFirst(file) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 12 || view.getUint32(0) !== MAGIC || view.getUint32(4, true) !== VERSION) throw new Refusal("unreadable");
  const start = 12 + view.getUint32(8, true);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(12, start)));
  const end = start + 7 * header.points;
  if (!(header.points <= MOST_POINTS) || file.length < end) throw new Refusal("unreadable");
  const points = new Int16Array(4 * header.points);
  for (let axis = 0; axis < 3; axis++) undo(file.subarray(start + 2 * axis * header.points), header.points, points, axis);
  const kinds = file.subarray(start + 6 * header.points, end);
  for (let i = 0; i < header.points; i++) points[4 * i + 3] = kinds[i];
  return { path: { ...header, points }, end };
}

// Whoever gave the file out may have unpacked it.
async function inflated(bytes) {
  if (((bytes[0] << 8) | bytes[1]) !== GZIP) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A column of differences, low bytes first: the sums are 16 bits wide and wrap around by themselves.
function undo(column, count, points, axis) {
  let place = -HALF;
  for (let i = 0; i < count; i++) {
    place += column[i] | (column[count + i] << 8);
    points[4 * i + axis] = place;
  }
}

import { Growing, Scanner, inUtf8 } from "./bytes.js";
import { triangulated } from "./polygons.js";
import { Refusal, checkCount } from "./refusal.js";

const V = 118;
const F = 102;

// The corners of an OBJ, nine numbers a triangle; of everything but corners and faces nothing is read.
export function readObj(bytes) {
  const scanner = new Scanner(inUtf8(bytes));
  const points = new Growing(Float64Array);
  const corners = new Growing(Float32Array);
  const waiting = []; // faces that name corners which come later
  while (!scanner.ended) {
    const kind = lineKind(scanner);
    if (kind === V) points.push(scanner.number(), scanner.number(), scanner.number());
    if (kind === F) {
      const polygon = polygonHere(scanner, points.length / 3);
      if (polygon.length >= 3 && !add(polygon, points, corners)) waiting.push(polygon);
      checkCount(corners.length / 9 + waiting.length);
    }
    scanner.skipLine();
  }
  for (const polygon of waiting) add(polygon, points, corners);
  if (points.length === 0) throw new Refusal("empty");
  return corners.all();
}

// V or F where the line is one of those, 0 otherwise; the scanner then stands behind the letter.
function lineKind(scanner) {
  if (!scanner.inLine()) return 0;
  const kind = scanner.bytes[scanner.at];
  if ((kind !== V && kind !== F) || scanner.bytes[scanner.at + 1] > 32) return 0;
  scanner.at++;
  return kind;
}

// The numbers of the face's corners, from 0; a negative one counts back from the last corner so far.
function polygonHere(scanner, seen) {
  const polygon = [];
  while (scanner.inLine()) {
    const number = scanner.integer();
    if (Number.isNaN(number)) break; // a comment
    polygon.push(number < 0 ? seen + number : number - 1);
    scanner.skipWord();
  }
  return polygon;
}

// Far from the origin single precision is coarse: corners are kept relative to the first one.
function add(polygon, points, corners) {
  const { array, length } = points;
  if (!polygon.every((corner) => corner >= 0 && corner * 3 < length)) return false;
  for (const triangle of triangulated(polygon, array))
    for (const place of triangle) {
      const at = polygon[place] * 3;
      corners.push(array[at] - array[0], array[at + 1] - array[1], array[at + 2] - array[2]);
    }
  return true;
}

import { Growing, Scanner, inUtf8, isBlank, isLineEnd } from "./bytes.js";
import { triangulated } from "./polygons.js";
import { Refusal, checkCoordinates, checkCount } from "./refusal.js";

const HASH = 35;
const SLASH = 47;
const SPACE = 32;
const BACKSLASH = 92;
const F = 102;
const V = 118;

// The corners of an OBJ, nine numbers a triangle, and where they begin; of everything but corners and faces nothing is
// read. The rules are those of printlab/geometry/obj.py.
export function readObj(bytes) {
  const scanner = new Scanner(withoutComments(withWholeLines(inUtf8(bytes))));
  const points = new Growing(Float64Array);
  const polygons = new Polygons(points);
  while (!scanner.ended) {
    const kind = lineKind(scanner);
    if (kind === V) addPoint(scanner, points);
    if (kind === F) polygons.add(polygonHere(scanner, points.length / 3));
    scanner.skipLine();
  }
  return polygons.finished();
}

// Lines that go on behind a backslash made one, in place. Comments, names of groups and of other files never go on: on
// Windows they end in a backslash that belongs to them.
function withWholeLines(bytes) {
  let lineStart = 0;
  for (let at = bytes.indexOf(BACKSLASH); at >= 0; at = bytes.indexOf(BACKSLASH, at + 1)) {
    let end = at + 1;
    while (isBlank(bytes[end])) end++;
    if (end < bytes.length && !isLineEnd(bytes[end])) continue;
    lineStart = startOfLine(bytes, at, lineStart);
    if (neverGoesOn(bytes, lineStart)) bytes.fill(SPACE, lineStart, end);
    else bytes.fill(SPACE, at, endOfLine(bytes, end));
    lineStart = endOfLine(bytes, end);
  }
  return bytes;
}

function startOfLine(bytes, at, least) {
  while (at > least && !isLineEnd(bytes[at - 1])) at--;
  return at;
}

// Behind the line end at this place, which may be of two bytes.
const endOfLine = (bytes, at) => (bytes[at] === 13 && bytes[at + 1] === 10 ? at + 2 : at + 1);

function neverGoesOn(bytes, start) {
  while (isBlank(bytes[start])) start++;
  const letter = bytes[start] | 32;
  const isName = letter >= 97 && letter <= 122 && bytes[start] !== V && bytes[start] !== F;
  return isName || bytes[start] === HASH;
}

// Comments blanked out, in place.
function withoutComments(bytes) {
  for (let at = bytes.indexOf(HASH); at >= 0; at = bytes.indexOf(HASH, at)) {
    const start = at;
    while (at < bytes.length && !isLineEnd(bytes[at])) at++;
    bytes.fill(SPACE, start, at);
  }
  return bytes;
}

// V or F where the line is one of those, 0 otherwise; the scanner then stands behind the letter.
function lineKind(scanner) {
  if (!scanner.inLine()) return 0;
  const kind = scanner.bytes[scanner.at];
  if ((kind !== V && kind !== F) || !isBlank(scanner.bytes[scanner.at + 1])) return 0;
  scanner.at++;
  return kind;
}

// Weights and colours may follow the three coordinates.
function addPoint(scanner, points) {
  const numbers = [];
  while (scanner.inLine()) numbers.push(scanner.number());
  if (numbers.length < 3) throw new Refusal("unreadable");
  points.push(numbers[0], numbers[1], numbers[2]);
}

// The numbers of the face's corners, from 0; a negative one counts back from the last corner so far.
function polygonHere(scanner, seen) {
  const polygon = [];
  while (scanner.inLine()) {
    if (scanner.bytes[scanner.at] !== SLASH) {
      const number = scanner.integer();
      polygon.push(number < 0 ? seen + number : number - 1);
    }
    scanner.skipWord();
  }
  return polygon;
}

// The triangles of the polygons. Far from the origin single precision is coarse: corners are kept relative to the first.
class Polygons {
  constructor(points) {
    this.points = points;
    this.corners = new Growing(Float32Array);
    this.origin = null;
    this.waiting = []; // those that name corners which come later, or never
  }
  add(polygon) {
    if (polygon.length < 3) return;
    if (polygon.every((corner) => this.has(corner))) this.split(polygon);
    else this.waiting.push(polygon);
    checkCount(this.corners.length / 9 + this.waiting.length);
  }
  has(corner) {
    return corner >= 0 && corner * 3 < this.points.length;
  }
  split(polygon) {
    const { array } = this.points;
    for (const corner of polygon) checkCoordinates(array.subarray(corner * 3, corner * 3 + 3));
    this.origin ??= array.slice(polygon[0] * 3, polygon[0] * 3 + 3);
    const [x, y, z] = this.origin;
    for (const triangle of triangulated(polygon, array))
      for (const place of triangle) {
        const at = polygon[place] * 3;
        this.corners.push(array[at] - x, array[at + 1] - y, array[at + 2] - z);
      }
  }
  finished() {
    for (const polygon of this.waiting) if (polygon.every((corner) => this.has(corner))) this.split(polygon);
    checkCount(this.corners.length / 9);
    return { corners: this.corners.all(), origin: this.origin };
  }
}

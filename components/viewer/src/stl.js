import { Growing, Scanner, inUtf8 } from "./bytes.js";
import { MAX_COORDINATE_MM, Refusal, checkCount } from "./refusal.js";

const HEADER = 84;
const FACET = 50;
const PROBED = 64; // facets
const LONGEST_NORMAL = 1.1;

// The corners of an STL, nine numbers a triangle.
export function readStl(bytes) {
  return isText(bytes) ? readText(inUtf8(bytes)) : readBinary(bytes);
}

// Many binary files begin with “solid”, and their count may be wrong: the facets themselves decide.
function isText(bytes) {
  const view = viewOf(bytes);
  if (bytes.length >= HEADER && HEADER + FACET * view.getUint32(80, true) === bytes.length) return false;
  const head = new TextDecoder("latin1").decode(inUtf8(bytes.subarray(0, 2048))).trimStart();
  if (!/^solid\b/i.test(head)) return false;
  return !(bytes.length >= HEADER + FACET && areFacets(view, 0, Math.min(PROBED, wholeFacets(bytes)), 0.5));
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const wholeFacets = (bytes) => Math.floor((bytes.length - HEADER) / FACET);

function readBinary(bytes) {
  if (bytes.length < HEADER + FACET) throw new Refusal("empty");
  const view = viewOf(bytes);
  const count = facetCount(view, wholeFacets(bytes));
  checkCount(count);
  const corners = new Float32Array(count * 9);
  // A facet begins at an even byte, not at a multiple of four.
  const source = new Uint16Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 2));
  const target = new Uint16Array(corners.buffer);
  for (let facet = 0, to = 0; facet < count; facet++) {
    const from = (HEADER + facet * FACET + 12) / 2;
    for (let i = 0; i < 18; i++) target[to++] = source[from + i];
  }
  return corners;
}

// As many as there are where more are promised; as many as are promised where no facets follow.
function facetCount(view, there) {
  const promised = view.getUint32(80, true);
  if (promised === 0 || promised >= there) return there;
  const isWhole = (view.byteLength - HEADER) % FACET === 0;
  return isWhole && areFacets(view, promised, Math.min(promised + PROBED, there), 1) ? there : promised;
}

function areFacets(view, first, end, share) {
  let plausible = 0;
  for (let facet = first; facet < end; facet++) plausible += isPlausible(view, HEADER + facet * FACET);
  return plausible >= share * (end - first);
}

// Coordinates of this world, a normal no longer than one, not all zero: chance bytes are not like that.
function isPlausible(view, start) {
  let squared = 0;
  let anything = 0;
  for (let i = 0; i < 12; i++) {
    const number = view.getFloat32(start + 4 * i, true);
    if (!(Math.abs(number) <= MAX_COORDINATE_MM)) return false;
    if (i < 3) squared += number * number;
    anything += Math.abs(number);
  }
  return squared <= LONGEST_NORMAL && anything > 0;
}

function readText(bytes) {
  const scanner = new Scanner(bytes);
  const corners = new Growing(Float32Array);
  let loop = [];
  while (scanner.word()) {
    if (scanner.is("vertex")) loop.push(scanner.number(), scanner.number(), scanner.number());
    else if (scanner.is("endfacet")) {
      if (loop.length === 9) for (const at of [0, 3, 6]) corners.push(loop[at], loop[at + 1], loop[at + 2]);
      loop = [];
      checkCount(corners.length / 9);
    } else if (scanner.is("solid") || scanner.is("endsolid")) skipName(scanner);
  }
  return corners.all();
}

// A name may hold any word; it ends with its line, or where the first facet begins.
function skipName(scanner) {
  while (scanner.inLine()) {
    const before = scanner.at;
    scanner.word();
    if (!scanner.is("facet")) continue;
    scanner.at = before;
    return;
  }
}

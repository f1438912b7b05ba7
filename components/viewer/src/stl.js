import { Growing, Scanner, inUtf8 } from "./bytes.js";
import { MAX_COORDINATE_MM, Refusal, checkCoordinates, checkCount } from "./refusal.js";

const HEADER = 84;
const FACET = 50;
const PROBED = 1 << 16; // facets
const LONGEST_NORMAL = 1.1;

// By its length, or by its first facets where bytes were added or lost: many binary files begin with “solid”, and their
// count may be wrong. ``head`` has the first bytes of a file of so many.
export function isBinaryStl(head, size) {
  if (head.length < HEADER) return false;
  const view = viewOf(head);
  if (HEADER + FACET * view.getUint32(80, true) === size) return true;
  const facets = wholeFacets(head);
  return facets > 0 && head.includes(0) && areFacets(view, 0, facets, 0.5);
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const wholeFacets = (bytes) => Math.floor((bytes.length - HEADER) / FACET);

// The corners of a binary STL, nine numbers a triangle. Both readers keep to the rules of printlab/geometry/stl.py.
export function readBinaryStl(bytes) {
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
  return placed(corners);
}

function placed(corners) {
  checkCoordinates(corners);
  return { corners, origin: [0, 0, 0] };
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

// The corners of a text STL: facet by facet, and only those with three corners.
export function readTextStl(bytes) {
  const scanner = new Scanner(inUtf8(bytes));
  const corners = new Growing(Float32Array);
  const facet = new Facet();
  while (scanner.word()) {
    if (scanner.is("vertex")) facet.begin();
    else if (scanner.is("endfacet")) facet.end(scanner, corners);
    else if (scanner.is("solid") || scanner.is("endsolid")) skipName(scanner);
    else facet.take(scanner.start);
  }
  facet.end(scanner, corners); // of a file that was cut off
  return placed(corners.all());
}

// Where the numbers of one facet stand: they are read once it is known to have three corners of three each.
class Facet {
  constructor() {
    this.places = [];
    this.corners = 0;
    this.missing = 0; // numbers, of the corner that was begun
    this.isWhole = true;
  }
  begin() {
    this.isWhole &&= this.missing === 0;
    this.corners++;
    this.missing = 3;
  }
  take(place) {
    if (this.missing === 0) return;
    this.missing--;
    this.places.push(place);
  }
  end(scanner, corners) {
    if (this.corners === 3 && this.isWhole && this.missing === 0) this.read(scanner, corners);
    checkCount(corners.length / 9);
    Object.assign(this, { places: [], corners: 0, missing: 0, isWhole: true });
  }
  read(scanner, corners) {
    const { at } = scanner;
    const numbers = this.places.map((place) => {
      scanner.at = place;
      return scanner.number();
    });
    for (const first of [0, 3, 6]) corners.push(numbers[first], numbers[first + 1], numbers[first + 2]);
    scanner.at = at;
  }
}

// A name may hold any word; it ends with its line, or where the first facet begins.
function skipName(scanner) {
  while (scanner.inLine()) {
    const before = scanner.at;
    scanner.word();
    if (!scanner.is("facet")) continue;
    const behind = scanner.at;
    scanner.word();
    scanner.at = scanner.begins("normal") ? before : behind;
    if (scanner.at === before) return;
  }
}

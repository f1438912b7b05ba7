// Why a file is not shown; the component has the words for each code.
export class Refusal extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

export const MAX_TRIANGLES = 5_000_000;
export const MAX_COORDINATE_MM = 1e7;

export function checkCount(triangles) {
  if (triangles > MAX_TRIANGLES) throw new Refusal("too-many");
}

// Corners that are nowhere, or farther away than any part of a lab, make no part: the server refuses their file too.
export function checkCoordinates(coordinates) {
  for (let i = 0; i < coordinates.length; i++)
    if (!(Math.abs(coordinates[i]) <= MAX_COORDINATE_MM)) throw new Refusal("unreadable");
}

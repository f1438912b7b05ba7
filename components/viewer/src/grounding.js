import { Refusal } from "./refusal.js";
import { outline } from "./shadow.js";

// The triangles with the middle of their bounds above the origin and their lowest point at 0, changed in place. Gives
// them with their size and their pose: how high they are, and the outline of their shadow where their file has it.
export function grounded({ corners, origin }) {
  if (corners.length === 0) throw new Refusal("empty");
  const { low, high } = bounds(corners);
  const size = high.map((value, axis) => value - low[axis]);
  const pose = { outline: outline(corners, origin), height: size[2] };
  const shift = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]];
  for (let i = 0; i < corners.length; i += 3) for (let axis = 0; axis < 3; axis++) corners[i + axis] -= shift[axis];
  return { positions: corners, size, pose };
}

function bounds(corners) {
  const low = [Infinity, Infinity, Infinity];
  const high = [-Infinity, -Infinity, -Infinity];
  for (let i = 0; i < corners.length; i += 3)
    for (let axis = 0; axis < 3; axis++) {
      const value = corners[i + axis];
      if (value < low[axis]) low[axis] = value;
      if (value > high[axis]) high[axis] = value;
    }
  return { low, high };
}

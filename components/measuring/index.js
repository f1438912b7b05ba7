// What somebody who measures is told, in the terms of what they point with.
const NEXT = {
  mouse: ["Click two points of the part", "Click the second point", "Click to measure anew; Escape ends"],
  finger: ["Tap two points of the part", "Tap the second point", "Tap to measure anew"],
  keys: [
    "Enter takes the point under the cross; arrows turn, with Shift they move",
    "Enter takes the second point under the cross; arrows turn, with Shift they move",
    "Enter measures anew; Escape ends",
  ],
};
const MISSED = {
  mouse: "That is beside the part; click on it.",
  finger: "That is beside the part; tap on it.",
  keys: "The cross is beside the part; move it there with Shift and the arrows.",
};

// What they have in hand before they used anything.
export const usualPointer = () => (matchMedia("(pointer: coarse)").matches ? "finger" : "mouse");

// ``taken``: how many points are; ``isMissed``: whether the last try met nothing.
export function hint(pointer, taken, isMissed) {
  return isMissed ? MISSED[pointer] : NEXT[pointer][taken];
}

export function resultInWords({ mm, deltas }) {
  const [x, y, z] = deltas.map((delta) => delta.toFixed(1));
  return `Measured ${mm.toFixed(mm < 10 ? 2 : 1)} mm: ${x} across, ${y} deep, ${z} up`;
}

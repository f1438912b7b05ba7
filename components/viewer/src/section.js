const AXES = { x: 0, y: 1, z: 2 };

// The plane (x, y, z, limit) beyond which a part between the corners ``low`` and ``high`` is cut away. ``share`` counts
// from its left, front or lower side; ``isFlipped`` keeps the side that would have gone.
export function planeOf({ axis, share, isFlipped }, low, high) {
  const index = AXES[axis];
  const isLowSideGone = axis === "y"; // the side that the first look shows
  const sign = isLowSideGone === Boolean(isFlipped) ? 1 : -1;
  const normal = [0, 0, 0];
  normal[index] = sign;
  return [...normal, sign * (low[index] + (high[index] - low[index]) * share)];
}

const SLACK_MM = 0.01;
const STEPS = 180; // a degree each

// How far to turn the part about Z so that it stands in the volume, in radians; null where no way fits.
export function turnThatFits(outline, size, volume) {
  if (size[2] > volume[2] + SLACK_MM) return null;
  if (fits(size[0], size[1], volume)) return 0;
  if (fits(size[1], size[0], volume)) return Math.PI / 2;
  for (let step = 1; step < STEPS; step++) {
    const angle = (step * Math.PI) / STEPS;
    if (fits(width(outline, angle), width(outline, angle + Math.PI / 2), volume)) return angle;
  }
  return null;
}

const fits = (x, y, volume) => x <= volume[0] + SLACK_MM && y <= volume[1] + SLACK_MM;

// How wide the outline is along X once it is turned by the angle.
function width(outline, angle) {
  const [least, most] = extent(outline, angle);
  return most - least;
}

// The bounds of the turned outline along X.
export function extent(outline, angle) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [least, most] = [Infinity, -Infinity];
  for (let i = 0; i < outline.length; i += 2) {
    const x = outline[i] * cos - outline[i + 1] * sin;
    least = Math.min(least, x);
    most = Math.max(most, x);
  }
  return [least, most];
}

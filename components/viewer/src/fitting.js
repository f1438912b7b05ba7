// Whether a part fits a printer, turned any way about the vertical: the rule of printlab/domain/fit.py, which explains
// it, step by step and with its figures, so that what is shown here is what the server says.
const TOLERANCE_MM = 1e-6;
const ROUNDING_MM = 1e-9;
const SINGLE_PRECISION = 2 ** -22;
const { PI, abs, acos, atan2, cos, hypot, max, sin } = Math;

// How far to turn the part about Z so that it stands in the volume, in radians; null where no way fits. ``pose`` has the
// part's height and its outline on the plate, convex and counter-clockwise, [x, y, …] in mm as its file has them.
export function turnThatFits({ outline, height }, volume, scale = 1) {
  const corners = pairs(outline, scale);
  const tall = height * scale;
  const slack = TOLERANCE_MM + SINGLE_PRECISION * max(tall, ...corners.flat().map(abs));
  if (tall > volume[2] + slack) return null;
  return turnOnto(corners, volume[0] + slack, volume[1] + slack);
}

function pairs(numbers, scale) {
  return Array.from({ length: numbers.length / 2 }, (_, i) => [numbers[2 * i] * scale, numbers[2 * i + 1] * scale]);
}

// The bed turns below the part in what follows; the part, the other way.
function turnOnto(corners, width, depth) {
  const glance = atAGlance(corners, width, depth);
  if (glance !== undefined) return glance;
  const [right, left, back, front] = [0, PI, PI / 2, (3 * PI) / 2].map((turn) => new Hand(corners, turn));
  const turns = turningPoints(corners);
  for (let i = 1; i < turns.length; i++) {
    const [start, end] = [turns[i - 1], turns[i]];
    const middle = (start + end) / 2;
    const across = between(left.at(middle), right.at(middle));
    const along = between(front.at(middle), back.at(middle));
    const angle = angleThatFits(across, along, [start, end], width, depth);
    if (angle !== undefined) return -angle;
  }
  return null;
}

// The turn where it lies there as it is or turned by a quarter, null where no rotation can help, else undefined.
function atAGlance(corners, width, depth) {
  if (corners.length === 0) return 0;
  const [wide, deep] = [0, 1].map((axis) => range(corners.map((corner) => corner[axis])));
  if (wide <= width && deep <= depth) return 0;
  if (wide <= depth && deep <= width) return PI / 2;
  return max(wide, deep) > hypot(width, depth) + ROUNDING_MM ? null : undefined;
}

const range = (values) => max(...values) - Math.min(...values);

// Points at the corner that is outermost in a direction, which only ever turns counter-clockwise.
class Hand {
  constructor(corners, turn) {
    this.corners = corners;
    this.turn = turn;
    const reaches = corners.map((corner) => reach(corner, turn));
    this.place = reaches.indexOf(max(...reaches));
  }
  // The outermost corner at an angle; the angles of all calls ascend.
  at(angle) {
    const direction = angle + this.turn;
    let here = reach(this.corners[this.place], direction);
    for (let tried = 0; tried < this.corners.length; tried++) {
      const following = (this.place + 1) % this.corners.length;
      const there = reach(this.corners[following], direction);
      if (there < here) break;
      [this.place, here] = [following, there];
    }
    return this.corners[this.place];
  }
}

// The angles from 0 to π at which other corners become the outermost; after π everything repeats.
function turningPoints(corners) {
  const edges = corners.map((corner, i) => between(corner, corners[(i + 1) % corners.length]));
  const along = edges.filter(([x, y]) => x !== 0 || y !== 0).map(([x, y]) => atan2(y, x));
  const angles = [0, PI, ...along.map(halfTurn), ...along.map((angle) => halfTurn(angle + PI / 2))];
  return [...new Set(angles)].sort((a, b) => a - b);
}

const halfTurn = (angle) => ((angle % PI) + PI) % PI;

// An angle between two turning points at which it fits, where the outermost corners stay these two pairs: between the
// first and the last of them if that is one, so that it touches no wall of the build volume without need.
function angleThatFits(across, along, [start, end], width, depth) {
  const middle = (start + end) / 2;
  const lies = (angle) =>
    reach(across, angle) <= width + ROUNDING_MM && reach(along, angle + PI / 2) <= depth + ROUNDING_MM;
  const fitting = [start, end, ...meetings(across, width), ...meetings(along, depth).map((angle) => angle - PI / 2)]
    .map((angle) => nearestTurn(angle, middle))
    .filter((angle) => start <= angle && angle <= end && lies(angle));
  if (fitting.length === 0) return undefined;
  const amid = (Math.min(...fitting) + max(...fitting)) / 2;
  return lies(amid) ? amid : fitting[0];
}

const between = (first, last) => [last[0] - first[0], last[1] - first[1]];
const reach = ([x, y], angle) => x * cos(angle) + y * sin(angle);

// The two angles at which a diagonal is exactly as long as the limit.
function meetings(diagonal, limit) {
  const length = hypot(...diagonal);
  if (length <= limit || limit < 0) return [];
  const [towards, aside] = [atan2(diagonal[1], diagonal[0]), acos(limit / length)];
  return [towards + aside, towards - aside];
}

// The same angle, whole turns away, as near to ``middle`` as can be.
const nearestTurn = (angle, middle) => angle - 2 * PI * Math.round((angle - middle) / (2 * PI));

// The size of the turned outline along X and Y, and where the middle of its bounds goes.
export function standing({ outline }, angle, scale) {
  const corners = pairs(outline, scale).map(([x, y]) => [x * cos(angle) - y * sin(angle), x * sin(angle) + y * cos(angle)]);
  const along = [0, 1].map((axis) => corners.map((corner) => corner[axis]));
  return { size: along.map(range), middle: along.map((values) => (max(...values) + Math.min(...values)) / 2) };
}

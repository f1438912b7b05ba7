// The two points of the part between which somebody measures. ``pointAt(x, y)`` gives the point at a place of the canvas,
// in px, or null beside the part; ``on`` has picked(null or {mm, deltas}) and missed().
export class Measuring {
  constructor(pointAt, on) {
    this.pointAt = pointAt;
    this.on = on;
    this.points = [];
  }
  clear() {
    this.points = [];
  }
  // The second point ends a line, the next one begins another; a place beside the part changes nothing.
  pick(x, y) {
    const point = this.pointAt(x, y);
    if (!point) return this.on.missed();
    this.points = this.points.length === 1 ? [this.points[0], point] : [point];
    this.on.picked(this.result);
  }
  get result() {
    if (this.points.length < 2) return null;
    const [from, to] = this.points;
    return { mm: from.distanceTo(to), deltas: to.clone().sub(from).toArray().map(Math.abs) };
  }
}

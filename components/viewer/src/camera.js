import { PerspectiveCamera, TOUCH, Vector3 } from "three";
import { OrbitControls } from "three/addons/controls/OrbitControls.js";

const FIELD_OF_VIEW = 28; // degrees; narrow, so that parallel edges look parallel
export const MARGIN = 1.22; // room for what stands in the corners
export const HALF_MARGIN = 1.08; // of each of two pictures beside each other
const TURN_MS = 160;
const STEP = Math.PI / 24; // of an arrow key
const MOVE = 1 / 24; // of the picture's height, with an arrow key
const CLOSER = 0.85;
const MOST = 0.5; // of what there is, or of the picture
const LEAST = 0.2; // of the picture's width or height, which is 2
const DIRECTIONS = { front: [0, -1, 0], right: [1, 0, 0], top: [0, -1e-4, 1], iso: [1, -1.15, 0.85] };

// Where one looks from. ``onChange`` is called whenever the picture has to be drawn again.
export class Camera {
  constructor(canvas, onChange) {
    this.eye = new PerspectiveCamera(FIELD_OF_VIEW, 1, 1, 1000);
    this.eye.up.set(0, 0, 1);
    this.eye.position.set(...DIRECTIONS.iso);
    this.controls = new OrbitControls(this.eye, canvas);
    this.controls.zoomToCursor = true;
    this.controls.touches.TWO = TOUCH.DOLLY_ROTATE; // one finger that goes up or down scrolls the page
    this.controls.addEventListener("start", () => this.begin());
    this.controls.addEventListener("change", () => this.changed());
    this.onChange = onChange;
    this.reach = 1;
    this.aim = null; // {direction, corners, isFit} of what was framed last, until anything moves the view
    this.margin = MARGIN;
  }
  setMargin(margin) {
    this.margin = margin;
  }
  // Which way X, Y and Z go in the picture: right and down, of a length of 1 where they lie in it.
  axes() {
    return [0, 1, 2].map((axis) => {
      const { x, y } = new Vector3().setComponent(axis, 1).transformDirection(this.eye.matrixWorldInverse);
      return [x, -y];
    });
  }
  // Whether a point is before the eye: behind it, its place in the picture would be mirrored.
  isBefore(point) {
    return point.clone().applyMatrix4(this.eye.matrixWorldInverse).z < 0;
  }
  // A picture of another shape shows all of what there is now, as long as nobody has moved the view.
  resize(width, height) {
    const aspect = width / height || 1;
    if (aspect === this.eye.aspect) return;
    this.eye.aspect = aspect;
    this.eye.updateProjectionMatrix();
    if (this.aim) this.frame(this.aim, true);
  }
  // Near and far planes around all there is to see: ``corners`` of the whole scene.
  cover(corners) {
    this.reach = Math.max(...corners.map((corner) => corner.length()), 1);
    this.controls.maxDistance = this.reach * 20;
    this.controls.minDistance = this.reach / 2000;
  }
  clip() {
    const distance = this.eye.position.length();
    this.eye.far = distance + this.reach * 1.1;
    this.eye.near = Math.max(distance - this.reach * 1.1, this.eye.far / 5000);
    this.eye.updateProjectionMatrix();
  }
  // Here and below, ``corners`` is a function: what there is to see changes while the view stays.
  look(view, corners, isAtOnce) {
    this.frame({ direction: new Vector3(...DIRECTIONS[view]).normalize(), corners }, isAtOnce);
  }
  fit(corners) {
    this.reframe(corners, false, true);
  }
  // Whether all there is to see was fitted into the view, and nothing has moved it since.
  get isFitted() {
    return Boolean(this.aim?.isFit);
  }
  // Whether what lies between the corners can be looked at: most of it is in the picture, or most of the picture is in
  // it, and it is no speck.
  sees(corners) {
    this.eye.updateMatrixWorld();
    const places = corners.map((corner) => corner.clone().project(this.eye));
    const spans = [0, 1].map((axis) => {
      const at = places.map((place) => place.getComponent(axis));
      const [low, high] = [Math.min(...at), Math.max(...at)];
      return { whole: high - low, seen: Math.max(0, Math.min(high, 1) - Math.max(low, -1)) };
    });
    const isThere = spans.every(({ whole, seen }) => seen >= MOST * Math.min(whole, 2));
    return isThere && Math.max(...spans.map(({ whole }) => whole)) >= LEAST;
  }
  // From the same side, all corners.
  reframe(corners, isAtOnce, isFit = false) {
    const direction = this.eye.position.clone().sub(this.controls.target).normalize();
    this.frame({ direction, corners, isFit }, isAtOnce);
  }
  // Go where all corners are just seen, looking against ``direction``.
  frame(aim, isAtOnce) {
    const { direction } = aim;
    const corners = aim.corners();
    const target = corners.reduce((sum, corner) => sum.add(corner), new Vector3()).divideScalar(corners.length);
    const [right, up] = axesOf(direction);
    const tall = Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180) / this.margin;
    const distances = corners.map((corner) => {
      const offset = corner.clone().sub(target);
      const needed = Math.max(Math.abs(offset.dot(up)) / tall, Math.abs(offset.dot(right)) / (tall * this.eye.aspect));
      return needed + offset.dot(direction);
    });
    this.go(target, direction.clone().multiplyScalar(Math.max(...distances)).add(target), isAtOnce);
    this.aim = aim;
  }
  // A short way there shows where one went; none for those who do not want things to move.
  go(target, position, isAtOnce) {
    this.stop();
    if (isAtOnce || matchMedia("(prefers-reduced-motion: reduce)").matches) return this.place(target, position);
    const from = { target: this.controls.target.clone(), position: this.eye.position.clone() };
    const begun = performance.now();
    const step = () => {
      const share = Math.min((performance.now() - begun) / TURN_MS, 1);
      const eased = 1 - (1 - share) ** 3;
      this.moving = share < 1 ? requestAnimationFrame(step) : null;
      this.place(from.target.clone().lerp(target, eased), between(from, target, position, eased));
    };
    this.moving = requestAnimationFrame(step);
  }
  place(target, position) {
    this.isPlacing = true;
    this.controls.target.copy(target);
    this.eye.position.copy(position);
    this.controls.update();
    this.isPlacing = false;
    this.onChange();
  }
  // The controls tell of every change; only a hand's own ends what the program framed.
  changed() {
    if (this.isPlacing) return;
    this.stop();
    this.onChange();
  }
  turn(right, up) {
    const offset = this.eye.position.clone().sub(this.controls.target);
    const polar = Math.acos(Math.min(Math.max(offset.z / offset.length(), -1), 1));
    const tilt = Math.min(Math.max(polar - up * STEP, 1e-4), Math.PI - 1e-4) - polar;
    offset.applyAxisAngle(axesOf(offset.clone().normalize())[0], tilt);
    offset.applyAxisAngle(this.eye.up, right * STEP);
    this.stop();
    this.place(this.controls.target, offset.add(this.controls.target));
  }
  // To the side, so that another place is in the middle of the picture.
  move(right, up) {
    const offset = this.eye.position.clone().sub(this.controls.target);
    const step = 2 * Math.tan(((FIELD_OF_VIEW / 2) * Math.PI) / 180) * offset.length() * MOVE;
    const [toTheRight, upwards] = axesOf(offset.clone().normalize());
    const target = this.controls.target.clone().addScaledVector(toTheRight, right * step).addScaledVector(upwards, up * step);
    this.stop();
    this.place(target, offset.add(target));
  }
  zoom(isCloser) {
    const offset = this.eye.position.clone().sub(this.controls.target).multiplyScalar(isCloser ? CLOSER : 1 / CLOSER);
    this.stop();
    this.place(this.controls.target, offset.add(this.controls.target));
  }
  begin() {
    this.begun = { target: this.controls.target.clone(), position: this.eye.position.clone(), aim: this.aim };
  }
  // The browser scrolls the page with a finger whose first steps had turned the view.
  takeBack() {
    if (!this.begun) return;
    this.stop();
    this.place(this.begun.target, this.begun.position);
    this.aim = this.begun.aim;
  }
  stop() {
    cancelAnimationFrame(this.moving);
    this.moving = null;
    this.aim = null;
  }
  dispose() {
    this.stop();
    this.controls.dispose();
  }
}

function axesOf(direction) {
  const right = new Vector3(0, 0, 1).cross(direction);
  if (right.lengthSq() < 1e-12) right.set(1, 0, 0);
  right.normalize();
  return [right, direction.clone().cross(right).normalize()];
}

// On the way the eye keeps its distance from the target instead of cutting the corner.
function between(from, target, position, share) {
  const [start, end] = [from.position.clone().sub(from.target), position.clone().sub(target)];
  const distance = start.length() + (end.length() - start.length()) * share;
  const direction = start.normalize().lerp(end.normalize(), share);
  if (direction.lengthSq() < 1e-6) direction.set(0.01, -1, 0.2);
  return direction.setLength(distance).add(from.target.clone().lerp(target, share));
}

// The engine behind components/model_viewer.js: a canvas, the part on its bed, and nothing drawn without a reason.
import {
  BufferAttribute,
  BufferGeometry,
  ColorManagement,
  LinearSRGBColorSpace,
  Matrix4,
  Mesh,
  Plane,
  Raycaster,
  Scene,
  Sphere,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { Bed } from "./bed.js";
import { Camera, HALF_MARGIN, MARGIN } from "./camera.js";
import { standing, turnThatFits } from "./fitting.js";
import { Measuring } from "./measuring.js";
import { Overlay, lengthInWords, sizeLines } from "./overlay.js";
import { picked, snapped } from "./picking.js";
import { Reader } from "./reading.js";
import { planeOf } from "./section.js";
import { partMaterials } from "./shading.js";
import { isReddish, tinted } from "./tinting.js";
import { printedSize, ToolPath } from "./toolpath.js";

// The shader works in the colours of the screen, as the lab's thumbnails do.
ColorManagement.enabled = false;

const MOST_PIXELS = 2; // a pixel of the page, in pixels of the picture: more is slow on phones and looks the same
const NARROW_PX = 520; // of the canvas: two pictures stand above each other there
const CLICK_PX = 5; // a pointer that moved farther was turning the part
const SMALLEST_SHARE = 0.22; // of the bed's size: a tiny part is not shown closer than this at first
const SLACK_SHARE = 2e-5; // of the part's size: a step of 16-bit positions

const boxCorners = ([lowX, lowY, lowZ], [highX, highY, highZ]) =>
  [lowX, highX].flatMap((x) => [lowY, highY].flatMap((y) => [lowZ, highZ].map((z) => new Vector3(x, y, z))));

export class Viewer {
  // ``context`` is the canvas' WebGL 2; ``on`` has drawn(frames), lost(), and what Measuring tells.
  constructor({ canvas, context, svg, workerUrl, on }) {
    this.canvas = canvas;
    this.on = on;
    this.reader = new Reader(workerUrl);
    this.pathReader = new Reader(workerUrl); // a question to a reader ends the one before
    this.plates = [];
    this.shown = "part";
    this.overlay = new Overlay(svg);
    this.measuring = new Measuring((x, y) => this.pointAt(x, y), on);
    this.frames = 0;
    this.scale = 1;
    this.volume = null;
    this.isJudged = true;
    this.modes = { dimensions: false, measuring: false };
    this.section = null;
    this.colors = null;
    this.material = null;
    this.isOpen = false;
    this.isSeen = false; // whether anybody looked at what there is now
    this.renderer = new WebGLRenderer({ canvas, context });
    this.renderer.outputColorSpace = LinearSRGBColorSpace;
    this.renderer.setClearColor(0, 0);
    this.scene = new Scene();
    this.bed = new Bed();
    const [outwards, inwards] = partMaterials();
    this.mesh = new Mesh(new BufferGeometry(), outwards);
    this.insides = new Mesh(this.mesh.geometry, inwards);
    this.mesh.frustumCulled = this.insides.frustumCulled = false;
    this.mesh.visible = false;
    this.mesh.add(this.insides);
    this.toolPath = new ToolPath();
    this.scene.add(this.bed, this.mesh, this.toolPath);
    this.camera = new Camera(canvas, () => this.request());
    this.listen();
  }

  listen() {
    this.listeners = {
      pointerdown: (event) => (this.pressed = [event.clientX, event.clientY]),
      pointerup: (event) => this.clicked(event),
      pointercancel: () => this.camera.takeBack(),
      webglcontextlost: (event) => {
        event.preventDefault();
        this.on.lost();
      },
    };
    for (const [name, listener] of Object.entries(this.listeners)) this.canvas.addEventListener(name, listener);
  }

  // ---------- the part ----------

  // Show what a GLB's bytes or a chosen file hold; gives {triangles} when the first picture is there. ``pose`` is the one
  // that the server measured: a GLB's own is coarser, and would decide otherwise about a part as large as the bed.
  async load({ bytes, file, pose }) {
    const part = await (file ? this.reader.file(file) : this.reader.glb(bytes));
    this.put(pose ? { ...part, pose } : part);
    this.draw();
    return { triangles: part.positions.length / 9 };
  }

  put(part) {
    this.part = part;
    const geometry = this.newGeometry();
    geometry.setAttribute("position", new BufferAttribute(part.positions, 3));
    geometry.boundingSphere = new Sphere(new Vector3(), Math.hypot(...part.size));
    this.mesh.visible = true;
    this.isSmooth = false;
    this.stand();
    if (this.shown === "part" || !this.isSeen) this.look("iso", true);
  }

  // Show the first plate that the bytes of a tool path hold; gives of each its number, the heights of its layers, in mm,
  // the names of its features, and the size of what is printed.
  async loadPath(bytes) {
    this.plates = await this.pathReader.paths(bytes);
    this.showPlate(0);
    return this.plates.map((path) => ({
      number: path.plate,
      heights: path.layers.z_mm,
      features: path.features,
      size: printedSize(path),
    }));
  }
  showPlate(index) {
    this.toolPath.put(this.plates[index]);
    this.stand();
  }

  // ``shown``: "part", "path", or "both" beside each other, seen from the same place: where one looked from before, unless
  // what is shown now is hardly in the picture from there.
  show(shown) {
    const isOtherRoom = (shown === "both") !== (this.shown === "both");
    this.shown = shown;
    this.camera.setMargin(shown === "both" ? HALF_MARGIN : MARGIN);
    this.fitCamera();
    this.camera.controls.zoomToCursor = shown !== "both";
    this.cover();
    if (!this.isSeen) this.look("iso", true);
    else if (isOtherRoom || (this.corners && !this.camera.sees(this.corners))) this.camera.reframe(() => this.framed(), true);
    this.draw();
  }
  setLayer(number) {
    this.toolPath.setLayer(number);
    this.request();
  }
  setTravels(isOn) {
    this.toolPath.setTravels(isOn);
    this.request();
  }

  clear() {
    this.reader.stop();
    this.pathReader.stop();
    this.part = null;
    this.plates = [];
    this.toolPath.forget();
    this.measuring.clear();
    this.camera.stop();
    this.isSeen = false;
    this.mesh.visible = false;
    this.newGeometry();
    this.request();
  }

  newGeometry() {
    this.mesh.geometry.dispose();
    return (this.mesh.geometry = this.insides.geometry = new BufferGeometry());
  }

  setBed(volume) {
    this.volume = volume;
    this.bed.visible = Boolean(volume);
    if (volume) this.bed.resize(volume);
    this.stand();
    this.look("iso", true);
  }

  // Whether the part's place on the bed says whether it fits.
  setJudged(isJudged) {
    this.isJudged = isJudged;
    this.stand();
  }

  setScale(scale) {
    this.scale = scale;
    this.stand();
    this.look("iso", true);
  }

  // Put the part on the middle of the bed, turned so that it fits where it can; what was measured is no longer there.
  stand() {
    this.measuring.clear();
    this.toolPath.stand(this.volume);
    if (!this.part) return this.cover();
    const { pose, size } = this.part;
    this.size = size.map((length) => length * this.scale);
    const turn = this.volume && this.isJudged ? turnThatFits(pose, this.volume, this.scale) : 0;
    this.fits = this.volume && this.isJudged ? turn !== null : null;
    this.place(turn ?? 0);
    this.bound();
    this.paint();
    this.cut(this.section);
  }

  // The middle of the turned part's bounds comes to the middle of the bed; that of the part as it is, is its origin.
  place(angle) {
    const { pose } = this.part;
    const [unturned, turned] = [standing(pose, 0, this.scale), standing(pose, angle, this.scale)];
    const [x, y] = unturned.middle;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const shift = [x * cos - y * sin - turned.middle[0], x * sin + y * cos - turned.middle[1]];
    this.high = [turned.size[0] / 2, turned.size[1] / 2, this.size[2]];
    this.low = [-this.high[0], -this.high[1], 0];
    this.mesh.matrixAutoUpdate = false;
    this.mesh.matrix = new Matrix4()
      .makeTranslation(shift[0], shift[1], 0)
      .multiply(new Matrix4().makeRotationZ(angle))
      .scale(new Vector3(this.scale, this.scale, this.scale));
    this.mesh.updateMatrixWorld(true);
  }

  // How long the part is across, in depth and in height as it stands, in mm.
  get lengths() {
    return this.high.map((end, axis) => end - this.low[axis]);
  }

  bound() {
    const { uniforms } = this.mesh.material;
    uniforms.bounded.value = Boolean(this.volume) && this.isJudged;
    uniforms.volume.value = this.volume ?? [0, 0, 0];
    uniforms.slack.value = 0.01 + SLACK_SHARE * Math.max(...this.size);
    this.cover();
  }
  cover() {
    if (this.corners) this.camera.cover(this.all());
    this.request();
  }

  // The bounds of what is shown; null while there is nothing.
  get bounds() {
    const isPart = this.part && this.shown !== "path";
    const isPath = this.toolPath.path && this.shown !== "part";
    const boxes = [...(isPart ? [this] : []), ...(isPath ? [this.toolPath] : [])];
    if (boxes.length === 0) return null;
    const along = (axis, end, best) => best(...boxes.map((box) => box[end][axis]));
    return { low: [0, 1, 2].map((axis) => along(axis, "low", Math.min)), high: [0, 1, 2].map((axis) => along(axis, "high", Math.max)) };
  }
  get corners() {
    return this.bounds && boxCorners(this.bounds.low, this.bounds.high);
  }
  get volumeCorners() {
    const [x, y, z] = this.volume;
    return boxCorners([-x / 2, -y / 2, 0], [x / 2, y / 2, z]);
  }
  get plateCorners() {
    return this.volumeCorners.filter(({ z }) => z === 0);
  }
  all() {
    return this.volume ? [...this.corners, ...this.volumeCorners] : this.corners;
  }

  // ---------- looking ----------

  // What a first look shows: all of a part that does not fit, and never a small one without some of its bed; beside each
  // other both with the whole plate, which says where they stand.
  framed() {
    if (!this.volume) return this.corners;
    if (this.shown === "both") return [...this.corners, ...this.plateCorners];
    if (this.shown === "part" && this.fits === false) return this.all();
    const { low, high } = this.bounds;
    const least = SMALLEST_SHARE * Math.max(this.volume[0], this.volume[1]);
    const more = [0, 1].map((axis) => Math.max(0, least - (high[axis] - low[axis])) / 2);
    return boxCorners([low[0] - more[0], low[1] - more[1], 0], [high[0] + more[0], high[1] + more[1], high[2]]);
  }
  look(view, isAtOnce = false) {
    if (!this.bounds) return;
    this.isSeen = true;
    this.camera.look(view, () => this.framed(), isAtOnce);
  }
  // The part, and where that is what one sees already, the whole build volume.
  fit() {
    if (!this.bounds) return;
    this.isWhole = Boolean(this.volume) && this.camera.isFitted && !this.isWhole;
    this.camera.fit(this.isWhole ? () => this.all() : () => this.corners);
  }
  turn(right, up) {
    this.camera.turn(right, up);
  }
  move(right, up) {
    this.camera.move(right, up);
  }
  zoom(isCloser) {
    this.camera.zoom(isCloser);
  }

  // ---------- how it is drawn ----------

  setWireframe(isOn) {
    this.mesh.material.uniforms.wired.value = isOn;
    this.request();
  }
  async setSmooth(isOn) {
    this.isSmooth = isOn;
    const { part } = this;
    if (isOn && part && !part.normals) part.normals = await this.reader.normals(part.positions);
    if (part !== this.part || isOn !== this.isSmooth) return;
    if (isOn && part) this.mesh.geometry.setAttribute("smoothNormal", new BufferAttribute(part.normals, 4, true));
    this.mesh.material.uniforms.smoothed.value = isOn && Boolean(part);
    this.request();
  }
  setDimensions(isOn) {
    this.modes.dimensions = isOn;
    this.request();
  }
  // ``section``: null, or where to cut, as planeOf() takes it.
  cut(section) {
    this.measuring.clear(); // its points may lie in what is not there now
    this.section = section;
    const { uniforms } = this.mesh.material;
    uniforms.sliced.value = Boolean(section && this.part);
    if (section && this.part) uniforms.plane.value = this.plane();
    this.request();
  }
  plane() {
    return planeOf(this.section, this.low, this.high);
  }
  setColors(colors) {
    this.colors = colors;
    this.paint();
  }
  // The colour of what it is printed in, channels from 0 to 1; null for the lab's own. ``isOpen``: insides can be seen.
  setMaterial(material, isOpen) {
    this.material = material;
    this.isOpen = isOpen;
    this.paint();
  }
  // Where red says what is wrong with the part, the part itself is never red.
  paint() {
    if (!this.colors) return;
    const isRedTaken = this.isOpen || this.fits === false;
    const isShown = this.material && !(isRedTaken && isReddish(this.material));
    const colors = { ...this.colors, ...(isShown && tinted(this.material)) };
    const { uniforms } = this.mesh.material;
    for (const name of ["front", "inside", "outside", "cut"]) uniforms[name].value = colors[name];
    this.bed.paint({ ...colors, edge: this.fits === false ? colors.outside : colors.edge });
    this.toolPath.paint(this.colors);
    this.request();
  }

  // ---------- measuring ----------

  setMeasuring(isOn) {
    this.modes.measuring = isOn;
    this.measuring.clear();
    this.request();
  }
  clicked(event) {
    if (!this.modes.measuring || !this.pressed || event.button > 0) return;
    const moved = Math.hypot(event.clientX - this.pressed[0], event.clientY - this.pressed[1]);
    if (moved > CLICK_PX) return;
    const box = this.canvas.getBoundingClientRect();
    this.pick(event.clientX - box.left, event.clientY - box.top);
  }
  // Take the point of the part at a place of the canvas, in px.
  pick(x, y) {
    if (!this.part) return;
    this.measuring.pick(x, y);
    this.request();
  }
  pickMiddle() {
    this.pick(this.canvas.clientWidth / 2, this.canvas.clientHeight / 2);
  }
  pointAt(x, y) {
    const caster = new Raycaster();
    const { clientWidth, clientHeight } = this.canvas;
    caster.setFromCamera(new Vector2((x / clientWidth) * 2 - 1, 1 - (y / clientHeight) * 2), this.camera.eye);
    const ray = caster.ray.clone().applyMatrix4(this.mesh.matrix.clone().invert());
    const isShown = (point) => this.isShown(point);
    const hit = picked(this.part.positions, ray.origin.toArray(), ray.direction.toArray(), isShown);
    if (!hit) return null;
    if (this.section && hit.isInside) return this.onCut(caster.ray) ?? this.placed(hit.point);
    const onScreen = (point) => this.onScreen(this.placed(point));
    return this.placed(snapped(hit, onScreen, isShown));
  }
  // What is seen of the inside is painted as the face of the cut: that face is meant, not the wall behind it.
  onCut(ray) {
    const [x, y, z, limit] = this.plane();
    return ray.intersectPlane(new Plane(new Vector3(x, y, z), -limit), new Vector3());
  }
  placed(point) {
    return new Vector3(...point).applyMatrix4(this.mesh.matrix);
  }
  isShown(point) {
    if (!this.section) return true;
    const [x, y, z, limit] = this.plane();
    return new Vector3(x, y, z).dot(this.placed(point)) <= limit + 1e-6;
  }

  // ---------- drawing ----------

  resize(width, height) {
    if (!width || !height) return;
    this.renderer.setPixelRatio(Math.min(devicePixelRatio, MOST_PIXELS));
    this.renderer.setSize(width, height, false);
    this.fitCamera();
    this.draw(); // at once: a canvas that was resized is empty until then
  }
  request() {
    this.asked ??= requestAnimationFrame(() => this.draw());
  }
  draw() {
    cancelAnimationFrame(this.asked);
    this.asked = null;
    this.camera.clip();
    if (this.shown === "both") this.drawBoth();
    else this.drawOnly(this.shown);
    this.drawOver();
    this.on.drawn(++this.frames);
  }
  // The lengths of the part, what is measured on it, and which way the axes go.
  drawOver() {
    const isPart = this.part && this.shown === "part";
    this.overlay.clear();
    if (isPart && this.modes.dimensions) this.overlay.drawSizes(this.sizes());
    if (this.bounds) this.overlay.drawAxes(this.camera.axes());
    if (isPart && this.isMeasuredSeen) this.overlay.drawMeasured(this.measured());
  }
  drawOnly(shown) {
    this.mesh.visible = shown === "part" && Boolean(this.part);
    this.toolPath.visible = shown === "path" && Boolean(this.toolPath.path);
    this.renderer.render(this.scene, this.camera.eye);
  }
  drawBoth() {
    this.renderer.setScissorTest(true);
    this.halves().forEach((half, i) => {
      this.renderer.setViewport(...half);
      this.renderer.setScissor(...half);
      this.drawOnly(["part", "path"][i]);
    });
    this.renderer.setScissorTest(false);
    this.renderer.setViewport(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
  }
  // Where the two pictures are, in px from the lower left corner: beside each other, or above where that is narrow.
  halves() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    if (width < NARROW_PX) return [[0, height / 2, width, height / 2], [0, 0, width, height / 2]];
    return [[0, 0, width / 2, height], [width / 2, 0, width / 2, height]];
  }
  fitCamera() {
    const { clientWidth, clientHeight } = this.canvas;
    const [, , width, height] = this.shown === "both" ? this.halves()[0] : [0, 0, clientWidth, clientHeight];
    this.camera.resize(width, height);
  }
  onScreen(point) {
    const { x, y } = point.clone().project(this.camera.eye);
    return [((x + 1) / 2) * this.canvas.clientWidth, ((1 - y) / 2) * this.canvas.clientHeight];
  }
  sizes() {
    const [low, high] = [this.low, this.high];
    const corner = (...ends) => this.onScreen(new Vector3(...ends.map((end, axis) => (end ? high : low)[axis])));
    return sizeLines(corner, this.lengths.map(lengthInWords));
  }
  get isMeasuredSeen() {
    const { points } = this.measuring;
    return points.length > 0 && points.every((point) => this.camera.isBefore(point));
  }
  measured() {
    const { points, result } = this.measuring;
    const [from, to] = [this.onScreen(points[0]), this.onScreen(points.at(-1))];
    const along = result?.deltas.map((mm, axis) => `${"XYZ"[axis]} ${mm.toFixed(1)}`).join("   ");
    return { from, to, text: result && lengthInWords(result.mm), detail: result && `${along} mm` };
  }

  dispose() {
    this.reader.stop();
    this.pathReader.stop();
    cancelAnimationFrame(this.asked);
    for (const [name, listener] of Object.entries(this.listeners)) this.canvas.removeEventListener(name, listener);
    this.camera.dispose();
    this.bed.dispose();
    this.toolPath.dispose();
    this.mesh.geometry.dispose();
    this.mesh.material.dispose();
    this.insides.material.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

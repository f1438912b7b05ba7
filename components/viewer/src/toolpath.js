import {
  BufferAttribute,
  InstancedBufferGeometry,
  InstancedInterleavedBuffer,
  InterleavedBufferAttribute,
  Mesh,
  Vector4,
} from "three";
import { MOST_KINDS, ribbonMaterial } from "./ribbons.js";

const LINE_MM = 0.45; // how wide a nozzle of 0.4 mm usually lays
const HEIGHTS_MM = [0.05, 0.6]; // between which layers are
const QUAD = new Float32Array([0, -1, 0, 1, -1, 0, 1, 1, 0, 0, 1, 0]);

// The way of the nozzle, as far as a layer: one strip for each segment, all in one call, from one buffer.
export class ToolPath extends Mesh {
  constructor() {
    super(new InstancedBufferGeometry(), ribbonMaterial());
    this.frustumCulled = false;
    this.visible = false;
    this.path = null;
    this.colors = {};
    this.onBeforeRender = (renderer, _scene, camera) => this.measurePixels(renderer, camera);
  }
  put(path) {
    this.forget();
    this.path = path;
    const buffer = new InstancedInterleavedBuffer(path.points, 4);
    this.geometry.setAttribute("position", new BufferAttribute(QUAD, 3));
    this.geometry.setAttribute("begin", new InterleavedBufferAttribute(buffer, 4, 0));
    this.geometry.setAttribute("end", new InterleavedBufferAttribute(buffer, 4, 4));
    this.geometry.setIndex([0, 1, 2, 0, 2, 3]);
    const { uniforms } = this.material;
    uniforms.origin.value = path.origin_mm;
    uniforms.stepMm.value = path.step_mm;
    uniforms.halfLine.value = [LINE_MM / 2, layerHeight(path.layers.z_mm) / 2];
    this.paint(this.colors);
    this.setLayer(this.layerCount);
    this.stand(null);
  }
  forget() {
    this.path = null;
    this.geometry.dispose();
    this.geometry = new InstancedBufferGeometry();
  }
  get layerCount() {
    return this.path.layers.z_mm.length;
  }
  // Show layers 1 to ``number``.
  setLayer(number) {
    const { first } = this.path.layers;
    const segments = this.path.points.length / 4 - 1;
    this.geometry.instanceCount = number < this.layerCount ? first[number] - 1 : segments;
    this.material.uniforms.topFirst.value = number < this.layerCount ? first[number - 1] - 1 : 0;
  }
  setTravels(isOn) {
    this.material.uniforms.travels.value = isOn;
  }
  // Put the path where it is printed: a printer counts from the front left corner of its plate, or from the middle.
  stand(volume) {
    if (!this.path) return;
    const { low_mm: low, high_mm: high } = this.path;
    const shift = [0, 1].map((axis) => (volume ? -volume[axis] / 2 : -(low[axis] + high[axis]) / 2));
    const isFromMiddle = volume && low[0] < -1 && low[1] < -1;
    this.position.set(...(isFromMiddle ? [0, 0] : shift), 0);
    this.updateMatrixWorld(true);
    this.low = low.map((value, axis) => value + this.position.getComponent(axis));
    this.high = high.map((value, axis) => value + this.position.getComponent(axis));
    this.low[2] = 0;
  }
  // ``colors``: of the features by their names, of "travel" and of the plate.
  paint(colors) {
    this.colors = colors;
    const { uniforms } = this.material;
    uniforms.ground.value = colors.plate ?? [0, 0, 0];
    const kinds = ["travel", ...(this.path?.features ?? [])].map((name) => colors[name] ?? [0.5, 0.5, 0.5]);
    uniforms.colors.value = Array.from({ length: MOST_KINDS }, (_, kind) => kinds[kind] ?? [0, 0, 0]).flat();
  }
  // How wide a pixel of the picture is a millimetre away.
  measurePixels(renderer, camera) {
    const { w: height } = renderer.getCurrentViewport(new Vector4());
    this.material.uniforms.pixel.value = 2 / (camera.projectionMatrix.elements[5] * height);
    this.material.uniformsNeedUpdate = true;
  }
  dispose() {
    this.forget();
    this.material.dispose();
  }
}

// Length, width and height in mm of what a path prints: bounds of the nozzle's middle, which lays half a line around it.
export function printedSize({ low_mm: low, high_mm: high }) {
  return [high[0] - low[0] + LINE_MM, high[1] - low[1] + LINE_MM, high[2]];
}

// The height that most layers have.
function layerHeight(heights) {
  const steps = heights.map((z, i) => z - (heights[i - 1] ?? 0)).sort((a, b) => a - b);
  return Math.min(Math.max(steps[steps.length >> 1], HEIGHTS_MM[0]), HEIGHTS_MM[1]);
}

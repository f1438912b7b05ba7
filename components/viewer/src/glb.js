import { Matrix4 } from "three/src/math/Matrix4.js";
import { Quaternion } from "three/src/math/Quaternion.js";
import { Vector3 } from "three/src/math/Vector3.js";
import { Refusal, checkCount } from "./refusal.js";

// Binary glTF 2.0 with KHR_mesh_quantization, as far as the lab's own files use it: triangles, no skins, no textures.
const MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const TYPES = { 5120: Int8Array, 5121: Uint8Array, 5122: Int16Array, 5123: Uint16Array, 5125: Uint32Array, 5126: Float32Array };
const TRIANGLES = 4;
const DEEPEST = 16; // nodes within nodes

// The corners of a GLB, nine numbers a triangle, relative to ``origin``, the first of them.
export function readGlb(bytes) {
  const file = opened(bytes);
  const meshes = file.document.scenes[file.document.scene ?? 0].nodes.flatMap((node) => placed(node, new Matrix4(), file, 0));
  const count = meshes.reduce((sum, { indices }) => sum + Math.floor(indices.length / 3), 0);
  checkCount(count);
  const corners = new Float32Array(count * 9);
  const origin = { at: null };
  let end = 0;
  for (const mesh of meshes) end = append(mesh, corners, end, origin);
  return { corners, origin: origin.at };
}

function opened(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 20 || view.getUint32(0, true) !== MAGIC || view.getUint32(16, true) !== JSON_CHUNK)
    throw new Refusal("unreadable");
  const jsonEnd = 20 + view.getUint32(12, true);
  const document = JSON.parse(new TextDecoder().decode(bytes.subarray(20, jsonEnd)));
  return { document, binary: bytes.subarray(jsonEnd + 8) };
}

// Each primitive below a node with the matrix that turns its positions into mm.
function placed(number, parent, file, depth) {
  if (depth > DEEPEST) throw new Refusal("unreadable");
  const node = file.document.nodes[number];
  const matrix = parent.clone().multiply(ownMatrix(node));
  const here = node.mesh === undefined ? [] : file.document.meshes[node.mesh].primitives;
  const shown = here.filter(({ mode = TRIANGLES }) => mode === TRIANGLES).map((primitive) => ({
    matrix,
    positions: accessor(primitive.attributes.POSITION, 3, file),
    indices: indicesOf(primitive, file),
  }));
  return [...shown, ...(node.children ?? []).flatMap((child) => placed(child, matrix, file, depth + 1))];
}

function ownMatrix({ matrix, translation = [0, 0, 0], rotation = [0, 0, 0, 1], scale = [1, 1, 1] }) {
  if (matrix) return new Matrix4().fromArray(matrix);
  return new Matrix4().compose(new Vector3(...translation), new Quaternion(...rotation), new Vector3(...scale));
}

function indicesOf(primitive, file) {
  if (primitive.indices !== undefined) return accessor(primitive.indices, 1, file);
  return Uint32Array.from({ length: file.document.accessors[primitive.attributes.POSITION].count }, (_, i) => i);
}

// The numbers of an accessor without gaps between them.
function accessor(number, width, { document, binary }) {
  const { bufferView, byteOffset = 0, componentType, count, normalized } = document.accessors[number];
  const Type = TYPES[componentType];
  const view = document.bufferViews[bufferView];
  const stride = view.byteStride ?? width * Type.BYTES_PER_ELEMENT;
  const start = binary.byteOffset + (view.byteOffset ?? 0) + byteOffset;
  const step = stride / Type.BYTES_PER_ELEMENT;
  const source = new Type(binary.buffer, start, count ? (count - 1) * step + width : 0);
  if (step === width && !normalized) return source;
  const numbers = normalized ? new Float32Array(count * width) : new Type(count * width);
  const most = normalized ? 2 ** (8 * Type.BYTES_PER_ELEMENT - (Type.name.startsWith("U") ? 0 : 1)) - 1 : 1;
  for (let i = 0; i < count; i++)
    for (let axis = 0; axis < width; axis++) {
      const value = source[i * step + axis];
      numbers[i * width + axis] = normalized ? Math.max(value / most, -1) : value;
    }
  return numbers;
}

function append({ matrix, positions, indices }, corners, end, origin) {
  const points = new Float64Array(positions.length);
  const [m, p] = [matrix.elements, positions];
  for (let i = 0; i < p.length; i += 3)
    for (let axis = 0; axis < 3; axis++)
      points[i + axis] = m[axis] * p[i] + m[axis + 4] * p[i + 1] + m[axis + 8] * p[i + 2] + m[axis + 12];
  origin.at ??= points.slice(0, 3);
  const whole = indices.length - (indices.length % 3);
  for (let i = 0; i < whole; i++)
    for (let axis = 0; axis < 3; axis++) corners[end++] = points[indices[i] * 3 + axis] - origin.at[axis];
  return end;
}

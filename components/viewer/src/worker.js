// Reads files beside the page, so that the page never stands still.
import { readGlb } from "./glb.js";
import { grounded } from "./grounding.js";
import { readModel } from "./kinds.js";
import { readToolPaths } from "./pathfile.js";
import { Refusal } from "./refusal.js";
import { creasedNormals } from "./smoothing.js";

// Of a question: the ``bytes`` of a GLB, a chosen ``file``, those of a tool ``path``, or ``positions`` that want normals.
async function answer({ bytes, file, path, positions }) {
  if (positions) {
    const normals = creasedNormals(positions);
    return [{ normals }, [normals.buffer]];
  }
  if (path) {
    const paths = await readToolPaths(new Uint8Array(path));
    return [{ paths }, paths.map(({ points }) => points.buffer)];
  }
  const part = grounded(bytes ? readGlb(new Uint8Array(bytes)) : readModel(new Uint8Array(await file.arrayBuffer())));
  return [{ part }, [part.positions.buffer]];
}

onmessage = async ({ data }) => {
  try {
    postMessage(...(await answer(data)));
  } catch (error) {
    postMessage({ refused: error instanceof Refusal ? error.code : "unreadable" });
  }
};

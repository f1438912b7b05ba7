// Reads files beside the page, so that the page never stands still.
import { readGlb } from "./glb.js";
import { grounded } from "./grounding.js";
import { readObj } from "./obj.js";
import { readToolPath } from "./pathfile.js";
import { Refusal } from "./refusal.js";
import { creasedNormals } from "./smoothing.js";
import { readStl } from "./stl.js";

const READERS = { glb: readGlb, stl: readStl, obj: readObj };

async function answer({ format, file, bytes, positions }) {
  if (positions) {
    const normals = creasedNormals(positions);
    return [{ normals }, [normals.buffer]];
  }
  const content = new Uint8Array(bytes ?? (await file.arrayBuffer()));
  if (format === "path") {
    const path = await readToolPath(content);
    return [{ path }, [path.points.buffer]];
  }
  const part = grounded(READERS[format](content));
  return [{ part }, [part.positions.buffer]];
}

onmessage = async ({ data }) => {
  try {
    postMessage(...(await answer(data)));
  } catch (error) {
    postMessage({ refused: error instanceof Refusal ? error.code : "unreadable" });
  }
};

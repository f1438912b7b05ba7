import { inUtf8, isUtf16 } from "./bytes.js";
import { readObj } from "./obj.js";
import { Refusal } from "./refusal.js";
import { isBinaryStl, readBinaryStl, readTextStl } from "./stl.js";

const HEAD = 64 * 1024;
const OBJ_LINE = /(?:^|[\r\n])[ \t]*[vf][ \t]+(?:\\[ \t\n\r\f\v]*)?[-+.0-9]/;
// At the beginning of a line: comments and names of an OBJ may hold them too.
const STL_WORDS = /(?:^|[\r\n])[ \t]*(?:facet[ \t\n\r\f\v]+normal|outer[ \t\n\r\f\v]+loop|endsolid)/i;

// The corners of an STL or OBJ, nine numbers a triangle, relative to ``origin``. What it is, its content says, not its
// name: the rules are those of printlab/geometry/reading.py.
export function readModel(bytes) {
  const head = bytes.subarray(0, HEAD);
  if (!isUtf16(bytes) && isBinaryStl(head, bytes.length)) return readBinaryStl(bytes);
  const text = new TextDecoder("latin1").decode(inUtf8(head)).trimStart();
  if (text.includes("\0")) throw new Refusal("unreadable");
  if (/^solid/i.test(text) || STL_WORDS.test(text)) return readTextStl(bytes);
  if (OBJ_LINE.test(text) || (head.length === HEAD && text.startsWith("#"))) return readObj(bytes);
  throw new Refusal("unreadable");
}

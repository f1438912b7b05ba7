// Lines with a length on them, drawn over the picture: crisp at every zoom, in the page's own font and colours.
const SVG = "http://www.w3.org/2000/svg";
const SHORTEST_PX = 24;
const PADDING_PX = 6;

export function lengthInWords(mm) {
  return `${mm.toFixed(mm < 10 ? 2 : 1)} mm`;
}

export class Overlay {
  constructor(svg) {
    this.svg = svg;
  }
  // ``lines``: {from, to, text, kind}, places in px.
  draw(lines) {
    this.svg.replaceChildren(...lines.flatMap((line) => this.line(line)));
    for (const label of this.svg.querySelectorAll("text")) this.back(label);
  }
  line({ from, to, text, kind }) {
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (kind === "size" && length < SHORTEST_PX) return [];
    const stroke = element("line", { x1: from[0], y1: from[1], x2: to[0], y2: to[1], class: `plv-${kind}` });
    const ends = (kind === "size" ? [] : [from, to]).map(([cx, cy]) => element("circle", { cx, cy, r: 4.5, class: "plv-point" }));
    if (!text) return [...ends.slice(0, 1)];
    const label = element("text", { x: (from[0] + to[0]) / 2, y: (from[1] + to[1]) / 2, class: "plv-length" });
    label.textContent = text;
    return [stroke, ...ends, label];
  }
  back(label) {
    const { x, y, width, height } = label.getBBox();
    const box = { x: x - PADDING_PX, y: y - 2, width: width + 2 * PADDING_PX, height: height + 4, rx: 4, class: "plv-tag" };
    label.before(element("rect", box));
  }
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// The edges of a box that carry its three lengths: on its rim as it is seen, so that no line crosses the part.
// ``corner(x, y, z)`` gives the place on the screen of a corner, each of x, y and z being 0 or 1.
export function sizeLines(corner, texts) {
  const pairs = [[0, 0], [0, 1], [1, 0], [1, 1]];
  const along = {
    x: pairs.map(([y, z]) => [corner(0, y, z), corner(1, y, z)]),
    y: pairs.map(([x, z]) => [corner(x, 0, z), corner(x, 1, z)]),
    z: pairs.map(([x, y]) => [corner(x, y, 0), corner(x, y, 1)]),
  };
  const lowest = ([a, b]) => a[1] + b[1];
  const leftmost = ([a, b]) => -a[0] - b[0];
  const best = (edges, score) => edges.reduce((kept, edge) => (score(edge) > score(kept) + 0.01 ? edge : kept));
  const chosen = [best(along.x, lowest), best(along.y, lowest), best(along.z, leftmost)];
  return chosen.map(([from, to], axis) => ({ from, to, text: texts[axis], kind: "size" }));
}

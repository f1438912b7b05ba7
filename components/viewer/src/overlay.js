// Lines with a length on them, drawn over the picture: crisp at every zoom, in the page's own font and colours.
import { beside, inside, middleOf, nearest } from "./placing.js";

const SVG = "http://www.w3.org/2000/svg";
const SHORTEST_PX = 24;
const PADDING_PX = [6, 2];
const ROW_PX = 18;
const AXES_PX = 92; // of the corner that they have
const AXIS_PX = 22;
const AXIS_NAME_PX = 32; // from their beginning
const SHORTEST_AXIS = 0.2; // of one that lies in the picture

export function lengthInWords(mm) {
  return `${mm.toFixed(mm < 10 ? 2 : 1)} mm`;
}

export class Overlay {
  constructor(svg) {
    this.svg = svg;
  }
  clear() {
    this.svg.replaceChildren();
  }
  // Edges of the part, each {from, to, text}, with their length on them; places in px.
  drawSizes(lines) {
    const long = lines.filter(({ from, to }) => Math.hypot(to[0] - from[0], to[1] - from[1]) >= SHORTEST_PX);
    this.svg.append(...long.map(({ from, to }) => stroke(from, to, "plv-size-line")));
    for (const { from, to, text } of long) this.move(this.tag([text]), middleOf(from, to));
  }
  // Which way X, Y and Z go, in the upper right corner; one that goes into the picture is left out.
  drawAxes(directions) {
    const middle = [this.svg.clientWidth - AXES_PX / 2, AXES_PX / 2];
    const out = (direction, px) => middle.map((place, axis) => place + direction[axis] * px);
    directions.forEach((direction, i) => {
      if (Math.hypot(...direction) < SHORTEST_AXIS) return;
      const [x, y] = out(direction, AXIS_NAME_PX);
      const name = element("text", { x, y, class: "plv-axis-name" });
      name.textContent = "XYZ"[i];
      this.svg.append(stroke(middle, out(direction, AXIS_PX), "plv-axis"), name);
    });
  }
  // What is measured: the first point alone, or a line with its length beside it. ``text`` and the secondary ``detail``,
  // which is left out where it has no room, are null then.
  drawMeasured({ from, to, text, detail }) {
    const ends = text ? [from, to] : [from];
    if (text) this.svg.append(stroke(from, to, "plv-measure-rim"), stroke(from, to, "plv-measure"));
    this.svg.append(...ends.map(([cx, cy]) => element("circle", { cx, cy, r: 5, class: "plv-point" })));
    if (text) this.label(from, to, [[text, detail], [text]]);
  }
  // The first of these words that has a clear place; the last ones stand above the line where none has.
  label(from, to, choices) {
    const room = [this.svg.clientWidth, this.svg.clientHeight];
    const taken = this.words();
    for (const rows of choices) {
      const tag = this.tag(rows);
      const isLast = rows === choices.at(-1);
      const at = beside(from, to, tag.size, room, taken) ?? (isLast && inside(middleOf(from, to), tag.size, room));
      if (at) return this.lead(tag, middleOf(from, to), at);
      tag.group.remove();
    }
  }
  lead(tag, from, at) {
    this.move(tag, at);
    const end = nearest(from, at, tag.size);
    tag.group.before(stroke(from, end, "plv-leader-rim"), stroke(from, end, "plv-leader"));
  }
  // The boxes of the axes and of the words that the page puts over the picture.
  words() {
    const { left, top } = this.svg.getBoundingClientRect();
    const chips = [...this.svg.parentNode.querySelectorAll(".plv-chip")].map((chip) => {
      const { x, y, width, height } = chip.getBoundingClientRect();
      return { x: x - left, y: y - top, width, height };
    });
    return [...chips, { x: this.svg.clientWidth - AXES_PX, y: 0, width: AXES_PX, height: AXES_PX }];
  }
  // Words on a ground of their own, below each other, around the origin; the first ones are the length.
  tag(rows) {
    const group = element("g", { class: "plv-tag" });
    const texts = rows.map((text, i) => {
      const y = (i - (rows.length - 1) / 2) * ROW_PX;
      const made = element("text", { x: 0, y, class: i === 0 ? "plv-length" : "plv-deltas" });
      made.textContent = text;
      return made;
    });
    group.append(...texts);
    this.svg.append(group);
    const { width, height } = group.getBBox();
    const size = [width + 2 * PADDING_PX[0], height + 2 * PADDING_PX[1]];
    group.prepend(element("rect", { x: -size[0] / 2, y: -size[1] / 2, width: size[0], height: size[1], rx: 4 }));
    return { group, size };
  }
  move({ group }, [x, y]) {
    group.setAttribute("transform", `translate(${x} ${y})`);
  }
}

function stroke([x1, y1], [x2, y2], name) {
  return element("line", { x1, y1, x2, y2, class: name });
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
  return chosen.map(([from, to], axis) => ({ from, to, text: texts[axis] }));
}

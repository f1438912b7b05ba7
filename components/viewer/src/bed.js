import { BufferGeometry, Float32BufferAttribute, Group, LineBasicMaterial, LineSegments, Mesh, PlaneGeometry } from "three";
import { plateMaterial } from "./shading.js";

const HANDLE_MM = 12; // marks the front of the plate

// The printer's plate and the edges of its build volume, to scale; the middle of the plate is the origin.
export class Bed extends Group {
  constructor() {
    super();
    this.plate = new Mesh(new PlaneGeometry(1, 1), plateMaterial());
    this.edges = new LineSegments(new BufferGeometry(), new LineBasicMaterial({ transparent: true, opacity: 0.55 }));
    this.front = new LineSegments(new BufferGeometry(), new LineBasicMaterial());
    this.add(this.plate, this.edges, this.front);
    this.visible = false;
  }
  resize([x, y, z]) {
    this.plate.geometry.dispose();
    this.plate.geometry = new PlaneGeometry(x, y);
    this.plate.material.uniforms.halfSize.value = [x / 2, y / 2];
    this.edges.geometry.setAttribute("position", new Float32BufferAttribute(boxEdges(x / 2, y / 2, z), 3));
    this.front.geometry.setAttribute("position", new Float32BufferAttribute(frontMark(x / 2, y / 2), 3));
    for (const lines of [this.edges, this.front]) lines.geometry.computeBoundingSphere();
  }
  paint({ plate, plateLine, edge, brand }) {
    Object.assign(this.plate.material.uniforms.plate, { value: plate });
    Object.assign(this.plate.material.uniforms.line, { value: plateLine });
    this.edges.material.color.setRGB(...edge);
    this.front.material.color.setRGB(...brand);
  }
  dispose() {
    for (const { geometry, material } of [this.plate, this.edges, this.front]) {
      geometry.dispose();
      material.dispose();
    }
  }
}

function boxEdges(x, y, z) {
  const corners = [[-x, -y], [x, -y], [x, y], [-x, y]];
  return corners.flatMap((corner, i) => {
    const next = corners[(i + 1) % 4];
    const onPlate = i === 0 ? [] : [...corner, 0, ...next, 0]; // the front one is a mark of its own
    return [...onPlate, ...corner, z, ...next, z, ...corner, 0, ...corner, z];
  });
}

function frontMark(x, y) {
  const [wide, narrow] = [x / 5, x / 5 - HANDLE_MM / 2];
  const outline = [[-x, -y], [-wide, -y], [-narrow, -y - HANDLE_MM], [narrow, -y - HANDLE_MM], [wide, -y], [x, -y]];
  return outline.slice(1).flatMap((corner, i) => [...outline[i], 0, ...corner, 0]);
}

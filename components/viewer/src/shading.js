import { BackSide, FrontSide, ShaderMaterial } from "three";

// The lights stand with the camera, as in the lab's thumbnails: position as it sees them, intensity.
export const LIGHTS = `
  const vec3 KEY = vec3(-0.356, 0.771, 0.534);
  const vec3 SIDE = vec3(0.970, 0.0, 0.243);
  const vec3 FILL = vec3(-0.940, 0.067, 0.336);
  vec3 lit(vec3 color, vec3 normal, vec3 eye) {
    float diffuse = 0.9 * max(dot(normal, KEY), 0.0) + 0.36 * max(dot(normal, SIDE), 0.0) + 0.38 * max(dot(normal, FILL), 0.0);
    float shine = 0.18 * pow(max(dot(normal, normalize(KEY + eye)), 0.0), 18.0);
    return color * (0.27 + 0.8 * diffuse) + shine;
  }`;

const PART_VERTEX = `
  in vec4 smoothNormal;
  out vec3 seen;
  out vec3 onPlate;
  out vec3 given;
  out vec3 edge;
  void main() {
    vec4 world = modelMatrix * vec4(position, 1.0);
    vec4 view = viewMatrix * world;
    onPlate = world.xyz;
    seen = view.xyz;
    given = normalMatrix * smoothNormal.xyz;
    int corner = gl_VertexID % 3;
    edge = vec3(corner == 0, corner == 1, corner == 2);
    gl_Position = projectionMatrix * view;
  }`;

const PART_FRAGMENT = `
  in vec3 seen;
  in vec3 onPlate;
  in vec3 given;
  in vec3 edge;
  out vec4 shade;
  uniform vec3 front, inside, outside, cut;
  uniform bool smoothed, wired, sliced, bounded;
  uniform vec4 plane;
  uniform vec3 volume;
  uniform float slack;
  ${LIGHTS}
  vec3 normalHere() {
    vec3 flatOne = normalize(cross(dFdx(seen), dFdy(seen)));
    if (!smoothed) return flatOne;
    vec3 smoothOne = normalize(given);
    return dot(smoothOne, flatOne) < 0.0 ? -smoothOne : smoothOne;
  }
  bool isOutside() {
    return bounded && (any(greaterThan(abs(onPlate.xy), volume.xy / 2.0 + slack)) || onPlate.z > volume.z + slack);
  }
  // 0 or 1: stripes across the screen, so many pixels apart.
  float stripe(float apart) {
    return step(0.5, fract((gl_FragCoord.x + gl_FragCoord.y) / apart));
  }
  void main() {
    vec3 normal = normalHere();
    vec3 width = fwidth(edge);
    if (sliced && dot(plane.xyz, onPlate) > plane.w) discard;
    vec3 nearness = smoothstep(vec3(0.0), width * 1.3, edge);
    if (wired && min(min(nearness.x, nearness.y), nearness.z) > 0.8) discard;
    bool isCut = sliced && IS_INSIDE && !wired;
    vec3 color = isOutside() ? outside : IS_INSIDE && !wired ? inside : front;
    if (isCut) shade = vec4(mix(isOutside() ? outside : cut, front, 0.22 * stripe(12.0)), 1.0);
    else shade = vec4(lit(color, normal, normalize(-seen)) * (isOutside() ? 1.0 - 0.3 * stripe(14.0) : 1.0), 1.0);
  }`;

const COLORS = ["front", "inside", "outside", "cut"];

// How the part is drawn: back faces, and what is outside the build volume (striped too), in their own colours. Of the two materials,
// which share what can be set, the first draws what looks outwards; the other one a hair behind it, or the backs of
// faces would come through at the rim of a part that is closed.
export function partMaterials() {
  const uniforms = {
    smoothed: { value: false },
    wired: { value: false },
    sliced: { value: false },
    bounded: { value: false },
    plane: { value: [0, 0, 1, 0] },
    volume: { value: [0, 0, 0] },
    slack: { value: 0 },
  };
  for (const name of COLORS) uniforms[name] = { value: [0, 0, 0] };
  const shared = { vertexShader: PART_VERTEX, fragmentShader: PART_FRAGMENT, uniforms, glslVersion: "300 es" };
  const behind = { polygonOffset: true, polygonOffsetFactor: 1, polygonOffsetUnits: 1 };
  return [
    new ShaderMaterial({ ...shared, side: FrontSide, defines: { IS_INSIDE: "false" } }),
    new ShaderMaterial({ ...shared, ...behind, side: BackSide, defines: { IS_INSIDE: "true" } }),
  ];
}

const PLATE_VERTEX = `
  out vec2 onPlate;
  void main() {
    onPlate = position.xy;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  }`;

const PLATE_FRAGMENT = `
  in vec2 onPlate;
  out vec4 shade;
  uniform vec3 plate, line;
  uniform vec2 halfSize;
  // Lines every so many mm from the front left corner; where they would run together they fade.
  float grid(float everyMm) {
    vec2 place = (onPlate + halfSize) / everyMm;
    vec2 width = fwidth(place);
    vec2 distance = abs(fract(place - 0.5) - 0.5) / width;
    vec2 strength = (1.0 - smoothstep(0.15, 1.0, distance)) * (1.0 - smoothstep(0.06, 0.25, width));
    return max(strength.x, strength.y);
  }
  void main() {
    shade = vec4(mix(plate, line, max(0.4 * grid(10.0), 0.9 * grid(50.0))), 1.0);
  }`;

// The plate is seen from above only: from below, one looks at the part through it. It is drawn further behind than the
// insides of a part that stands on it, or a cut would show the plate where the part is.
export function plateMaterial() {
  return new ShaderMaterial({
    vertexShader: PLATE_VERTEX,
    fragmentShader: PLATE_FRAGMENT,
    uniforms: { plate: { value: [0, 0, 0] }, line: { value: [0, 0, 0] }, halfSize: { value: [0, 0] } },
    side: FrontSide,
    glslVersion: "300 es",
    polygonOffset: true,
    polygonOffsetFactor: 4,
    polygonOffsetUnits: 4,
  });
}

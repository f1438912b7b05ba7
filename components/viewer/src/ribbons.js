import { DoubleSide, ShaderMaterial } from "three";
import { LIGHTS } from "./shading.js";

export const MOST_KINDS = 16;

// Each segment is a strip that faces the eye, as wide as the line of plastic is from there, and shaded as if it were
// round; a move without plastic is as thin as a line can be.
const VERTEX = `
  in vec4 begin;
  in vec4 end;
  out vec3 seen;
  out vec3 across;
  out vec3 facing;
  out float place;
  flat out int kind;
  flat out int isBelow;
  uniform vec3 origin;
  uniform float stepMm, pixel;
  uniform vec2 halfLine;
  uniform bool travels;
  uniform int topFirst;
  vec3 inView(vec3 point) {
    return (modelViewMatrix * vec4(origin + stepMm * (point + 32768.0), 1.0)).xyz;
  }
  void main() {
    kind = int(end.w);
    isBelow = int(gl_InstanceID < topFirst);
    vec3 from = inView(begin.xyz);
    vec3 to = inView(end.xyz);
    vec3 way = to - from;
    float far = length(way);
    if (far < 1e-5 || (kind == 0 && !travels)) {
      gl_Position = vec4(2.0, 2.0, 2.0, 1.0);
      return;
    }
    vec3 along = way / far;
    vec3 here = mix(from, to, position.x);
    vec3 side = cross(along, -here);
    across = length(side) < 1e-5 ? vec3(1.0, 0.0, 0.0) : normalize(side);
    facing = cross(across, along);
    float upright = dot(across, (viewMatrix * vec4(0.0, 0.0, 1.0, 0.0)).xyz);
    float thinnest = 0.5 * pixel * -here.z;
    float wide = length(halfLine * vec2(sqrt(max(1.0 - upright * upright, 0.0)), upright));
    float halfWidth = kind == 0 ? thinnest : max(wide, thinnest);
    // Lines of some pixels look round; of thinner ones, each a shade apart, walls would flicker.
    place = position.y * smoothstep(1.0, 4.0, wide / thinnest);
    float cap = kind == 0 ? 0.0 : halfLine.x * (position.x * 2.0 - 1.0);
    seen = here + across * halfWidth * position.y + along * cap;
    gl_Position = projectionMatrix * vec4(seen, 1.0);
  }`;

const FRAGMENT = `
  in vec3 seen;
  in vec3 across;
  in vec3 facing;
  in float place;
  flat in int kind;
  flat in int isBelow;
  out vec4 shade;
  uniform vec3 colors[${MOST_KINDS}];
  uniform vec3 ground;
  const float SHADE = 0.65; // of the part's: what tells the lines apart is their colour
  ${LIGHTS}
  void main() {
    vec3 color = colors[kind];
    if (kind > 0) {
      vec3 normal = normalize(across * place + facing * sqrt(max(1.0 - place * place, 0.0)));
      color = mix(color, lit(color, normal, normalize(-seen)), SHADE);
    }
    shade = vec4(isBelow == 1 ? mix(color, ground, 0.5) : color, 1.0);
  }`;

// How a tool path is drawn: the layers below the last one shown are paler.
export function ribbonMaterial() {
  return new ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    uniforms: {
      origin: { value: [0, 0, 0] },
      stepMm: { value: 1 },
      pixel: { value: 0 },
      halfLine: { value: [0, 0] },
      travels: { value: false },
      topFirst: { value: 0 },
      ground: { value: [0, 0, 0] },
      colors: { value: new Array(3 * MOST_KINDS).fill(0) },
    },
    side: DoubleSide,
    glslVersion: "300 es",
  });
}

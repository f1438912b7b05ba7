// Colours of materials as they can be shown: in OKLab (B. Ottosson, 2020), where lightness is what eyes take for it.
const [DARKEST, LIGHTEST] = [0.48, 0.86]; // lightness: black still has a lit and a dark side, white has an edge on white
const CUT = 0.16; // how much darker a cut is
const REDDISH = { least: 0.07, from: -25, to: 62 }; // chroma; hue in degrees, from pink to orange

// The colour of a part of this material, and of a cut through it; channels from 0 to 1.
export function tinted(color) {
  const [lightness, a, b] = toLab(color);
  const shown = Math.min(Math.max(lightness, DARKEST), LIGHTEST);
  return { front: toRgb([shown, a, b]), cut: toRgb([shown - CUT, a, b]) };
}

// Whether one would not tell it from the red of what is wrong with a part.
export function isReddish(color) {
  const [, a, b] = toLab(color);
  const hue = (Math.atan2(b, a) * 180) / Math.PI;
  return Math.hypot(a, b) > REDDISH.least && hue > REDDISH.from && hue < REDDISH.to;
}

const toLinear = (channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4);
const toScreen = (light) => (light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055);
const within = (channel) => Math.min(Math.max(channel, 0), 1);

function toLab(color) {
  const [r, g, b] = color.map(toLinear);
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function toRgb([lightness, a, b]) {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((light) => toScreen(within(light)));
}

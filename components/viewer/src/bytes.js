// Arrays that grow, and words and numbers out of bytes: no string is ever made of a whole file.
import { Refusal } from "./refusal.js";

const NEW_LINE = 10;
const RETURN = 13;
const SPACE = 32;
const SLASH = 47;
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
const NAMED = { nan: NaN, inf: Infinity, infinity: Infinity };
const LONGEST_NAMED = 9;

export class Growing {
  constructor(Type, capacity = 1 << 14) {
    this.array = new Type(capacity);
    this.length = 0;
  }
  push(first, second, third) {
    if (this.length + 3 > this.array.length) {
      const larger = new this.array.constructor(this.array.length * 2);
      larger.set(this.array);
      this.array = larger;
    }
    this.array[this.length++] = first;
    this.array[this.length++] = second;
    this.array[this.length++] = third;
  }
  all() {
    return this.array.slice(0, this.length);
  }
}

const UTF16 = { "fffe": "utf-16le", "feff": "utf-16be" };
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const isUtf16 = (bytes) => hexOf(bytes.subarray(0, 2)) in UTF16;

// Text as UTF-8, whatever a program saved it in; a mark at its beginning is left out.
export function inUtf8(bytes) {
  const label = UTF16[hexOf(bytes.subarray(0, 2))];
  if (label) return new TextEncoder().encode(new TextDecoder(label).decode(bytes));
  return hexOf(bytes.subarray(0, 3)) === "efbbbf" ? bytes.subarray(3) : bytes;
}

export const isLineEnd = (byte) => byte === NEW_LINE || byte === RETURN;
export const isBlank = (byte) => byte === SPACE || (byte >= 9 && byte <= 13 && !isLineEnd(byte));
const isSpace = (byte) => byte === SPACE || (byte >= 9 && byte <= 13);
const isDigit = (byte) => byte >= 48 && byte <= 57;

export class Scanner {
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
    this.start = 0;
  }
  get ended() {
    return this.at >= this.bytes.length;
  }
  // Goes to the next word, over line ends too, and past it; false at the end.
  word() {
    const { bytes } = this;
    while (this.at < bytes.length && isSpace(bytes[this.at])) this.at++;
    this.start = this.at;
    this.skipWord();
    return this.at > this.start;
  }
  // Whether the last word is this one, which is given in small letters.
  is(expected) {
    return this.at - this.start === expected.length && this.begins(expected);
  }
  begins(expected) {
    for (let i = 0; i < expected.length; i++)
      if ((this.bytes[this.start + i] | 32) !== expected.charCodeAt(i)) return false;
    return true;
  }
  // Goes to the next word of this line; false where the line ends.
  inLine() {
    while (isBlank(this.bytes[this.at])) this.at++;
    return !this.ended && !isLineEnd(this.bytes[this.at]);
  }
  skipWord() {
    const { bytes } = this;
    while (this.at < bytes.length && !isSpace(bytes[this.at])) this.at++;
  }
  // Goes to the beginning of the next line.
  skipLine() {
    while (!this.ended && !isLineEnd(this.bytes[this.at])) this.at++;
    this.at++;
  }
  // The whole number here, which ends with its word or at a slash; anything else is refused.
  integer() {
    const value = this.whole();
    if (!this.isOver() && this.bytes[this.at] !== SLASH) throw new Refusal("unreadable");
    return value;
  }
  // The number here, which ends with its word; “nan” and “inf” are numbers. Anything else is refused.
  number() {
    const { bytes } = this;
    const start = this.at;
    const sign = this.sign();
    const first = this.at;
    let value = this.digits(0);
    let digits = this.at - first;
    let exponent = 0;
    if (bytes[this.at] === 46) {
      const point = ++this.at;
      value = this.digits(value);
      exponent = point - this.at;
      digits -= exponent;
    }
    if (digits === 0) return sign * this.named(start);
    if ((bytes[this.at] | 32) === 101) {
      this.at++;
      exponent += this.whole();
    }
    if (!this.isOver()) throw new Refusal("unreadable");
    return sign * scaled(value, exponent);
  }
  whole() {
    const sign = this.sign();
    if (!isDigit(this.bytes[this.at])) throw new Refusal("unreadable");
    return sign * this.digits(0);
  }
  named(start) {
    this.at = start;
    this.skipWord();
    const word = new TextDecoder().decode(this.bytes.subarray(start, Math.min(this.at, start + LONGEST_NAMED + 1)));
    const name = word.toLowerCase().replace(/^[-+]/, "");
    if (!(name in NAMED)) throw new Refusal("unreadable");
    return NAMED[name];
  }
  sign() {
    const byte = this.bytes[this.at];
    if (byte === 45 || byte === 43) this.at++;
    return byte === 45 ? -1 : 1;
  }
  digits(value) {
    while (isDigit(this.bytes[this.at])) value = value * 10 + this.bytes[this.at++] - 48;
    return value;
  }
  isOver() {
    return this.ended || isSpace(this.bytes[this.at]);
  }
}

function scaled(value, exponent) {
  if (exponent === 0 || value === 0) return value;
  if (exponent < 0 && exponent >= -22) return value / POWERS[-exponent];
  return value * 10 ** exponent;
}

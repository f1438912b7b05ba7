// Arrays that grow, and words and numbers out of bytes: no string is ever made of a whole file.
const SPACE = 32;
const NEW_LINE = 10;
const RETURN = 13;
const BACKSLASH = 92;
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);

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

// Text as UTF-8, whatever a program saved it in; a mark at its beginning is left out.
export function inUtf8(bytes) {
  const [first, second] = bytes;
  const label = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "";
  if (label) return new TextEncoder().encode(new TextDecoder(label).decode(bytes));
  return first === 0xef && second === 0xbb ? bytes.subarray(3) : bytes;
}

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
    while (this.at < bytes.length && bytes[this.at] <= SPACE) this.at++;
    this.start = this.at;
    while (this.at < bytes.length && bytes[this.at] > SPACE) this.at++;
    return this.at > this.start;
  }
  // Whether the last word is this one, which is given in small letters.
  is(expected) {
    if (this.at - this.start !== expected.length) return false;
    for (let i = 0; i < expected.length; i++)
      if ((this.bytes[this.start + i] | 32) !== expected.charCodeAt(i)) return false;
    return true;
  }
  // Goes to the next word of this line; false where the line ends. A line goes on behind a backslash at its end.
  inLine() {
    const { bytes } = this;
    for (;;) {
      const byte = bytes[this.at];
      if (byte === NEW_LINE || byte === RETURN || this.ended) return false;
      if (byte === BACKSLASH && this.continues()) continue;
      if (byte > SPACE) return true;
      this.at++;
    }
  }
  continues() {
    let next = this.at + 1;
    while (this.bytes[next] === SPACE || this.bytes[next] === 9 || this.bytes[next] === RETURN) next++;
    const goesOn = this.bytes[next] === NEW_LINE;
    if (goesOn) this.at = next + 1;
    return goesOn;
  }
  skipWord() {
    while (this.at < this.bytes.length && this.bytes[this.at] > SPACE) this.at++;
  }
  // Goes to the beginning of the next line.
  skipLine() {
    while (this.inLine()) this.skipWord();
    this.at++;
  }
  // The whole number at this place; NaN where there is none.
  integer() {
    const { bytes } = this;
    const isNegative = bytes[this.at] === 45;
    if (isNegative || bytes[this.at] === 43) this.at++;
    if (!isDigit(bytes[this.at])) return NaN;
    let value = 0;
    while (isDigit(bytes[this.at])) value = value * 10 + bytes[this.at++] - 48;
    return isNegative ? -value : value;
  }
  // The number that begins in or behind the blanks here; NaN where there is none.
  number() {
    const { bytes } = this;
    while (this.at < bytes.length && bytes[this.at] <= SPACE) this.at++;
    const isNegative = bytes[this.at] === 45;
    if (isNegative || bytes[this.at] === 43) this.at++;
    const start = this.at;
    let value = this.digits(0);
    let digits = this.at - start;
    let exponent = 0;
    if (bytes[this.at] === 46) {
      const point = ++this.at;
      value = this.digits(value);
      exponent = point - this.at;
      digits -= exponent;
    }
    if (digits === 0) return NaN;
    if ((bytes[this.at] | 32) === 101) {
      this.at++;
      exponent += this.integer();
    }
    return scaled(isNegative ? -value : value, exponent);
  }
  digits(value) {
    while (isDigit(this.bytes[this.at])) value = value * 10 + this.bytes[this.at++] - 48;
    return value;
  }
}

function scaled(value, exponent) {
  if (exponent === 0) return value;
  if (exponent < 0 && exponent >= -22) return value / POWERS[-exponent];
  return value * 10 ** exponent;
}

/**
 * Deterministic CBOR: one value has one encoding, and only that one is read.
 *
 * House rules: RFC 8949 section 4.2.1 in both directions, in the subset of the door protocol:
 * integers of 64 bits, byte and text strings, arrays, maps with integer, bytes or text keys,
 * booleans and null. An integer is a number while a number holds it exactly, else a bigint.
 * Every failure is a `CborError`, whatever the bytes.
 */

import { compare, concat, utf8 } from './bytes.js';

/** @import { Bytes } from './bytes.js' */
/** @typedef {number | bigint | Bytes | string} Key */
/** @typedef {number | bigint | Bytes | string | boolean | null | Value[] | Map<Key, Value>} Value */
/** What may be encoded: anything that a `Value` may be, and read-only arrays and maps of it.
 * @typedef {number | bigint | Uint8Array | string | boolean | null | readonly Encodable[]
 *   | ReadonlyMap<number | bigint | Uint8Array | string, Encodable>} Encodable */
/** @typedef {{maxSize?: number, maxDepth?: number}} Limits  bytes; nested arrays and maps */

export const MAX_SIZE = 65_535;
export const MAX_DEPTH = 8;

/** These bytes are not deterministic CBOR of our subset, or this value has no such encoding. */
export class CborError extends Error {
  name = 'CborError';
}

const UINT = 0;
const NINT = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const TAG = 6;
const FALSE = 0xf4;
const TRUE = 0xf5;
const NULL = 0xf6;

/** One value as deterministic CBOR; CborError.
 * @param {Encodable} value @param {Limits} [limits] @returns {Bytes} */
export const encode = (value, { maxDepth = MAX_DEPTH } = {}) => encodeValue(value, maxDepth);

/** Exactly one item and nothing after it; CborError.
 * @param {Uint8Array} data @param {Limits} [limits] @returns {Value} */
export function decode(data, limits) {
  const [value, end] = decodeFrom(data, 0, limits);
  if (end !== data.length) throw new CborError('bytes after the CBOR item: send one item only');
  return value;
}

/** The item that begins at `start`, and the offset just after it; CborError, also without an item.
 * @param {Uint8Array} data @param {number} start @param {Limits} [limits]
 * @returns {[Value, number]} */
export function decodeFrom(data, start, { maxSize = MAX_SIZE, maxDepth = MAX_DEPTH } = {}) {
  if (data.length > maxSize) throw new CborError(`more than ${maxSize} bytes of CBOR: send less`);
  const reader = new Reader(data, start);
  return [reader.value(maxDepth), reader.at];
}

/** All items of a CBOR sequence (RFC 8742), which may be empty; CborError.
 * @param {Uint8Array} data @param {Limits} [limits] @returns {Value[]} */
export function decodeSequence(data, limits) {
  const values = [];
  let at = 0;
  while (at < data.length) {
    const [value, end] = decodeFrom(data, at, limits);
    values.push(value);
    at = end;
  }
  return values;
}

/** A map to encode. @param {...[number | string, Encodable]} pairs
 * @returns {Map<number | string, Encodable>} */
export const mapOf = (...pairs) => new Map(pairs);

const truncated = () => new CborError('the CBOR ends in the middle of an item');
const tooDeep = () => new CborError('arrays and maps nested too deep');
const notSimple = () =>
  new CborError('floats and simple values other than true, false and null are not used here');

// Encoding

/** @param {Encodable} value @param {number} depth @returns {Bytes} */
function encodeValue(value, depth) {
  if (value === null) return Uint8Array.of(NULL);
  if (typeof value === 'boolean') return Uint8Array.of(value ? TRUE : FALSE);
  if (isMap(value)) return encodeMap(value, depth);
  if (Array.isArray(value)) {
    if (!depth) throw tooDeep();
    const items = value.map((item) => encodeValue(item, depth - 1));
    return concat(head(ARRAY, items.length), ...items);
  }
  return encodeKey(/** @type {Key} */ (value));
}

/** @param {Encodable} value @returns {value is Extract<Encodable, ReadonlyMap<any, any>>} */
const isMap = (value) => value instanceof Map;

/** What may also be the key of a map. @param {Key} value @returns {Bytes} */
function encodeKey(value) {
  if (typeof value === 'number' || typeof value === 'bigint') return encodeInteger(value);
  if (value instanceof Uint8Array) return concat(head(BYTES, value.length), value);
  if (typeof value !== 'string') throw new CborError(`no CBOR encoding for ${typeof value} here`);
  if (/\p{Surrogate}/u.test(value)) {
    throw new CborError('text with a lone surrogate has no UTF-8 form');
  }
  const raw = utf8(value);
  return concat(head(TEXT, raw.length), raw);
}

/** @param {number | bigint} value @returns {Bytes} */
function encodeInteger(value) {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new CborError('a number that is not a whole one, or that only a bigint holds exactly');
  }
  if (value >= 0) return head(UINT, value);
  return head(NINT, typeof value === 'bigint' ? ~value : -1 - value);
}

/** @param {ReadonlyMap<number | bigint | Uint8Array | string, Encodable>} pairs
 * @param {number} depth @returns {Bytes} */
function encodeMap(pairs, depth) {
  if (!depth) throw tooDeep();
  const entries = [...pairs].map(([key, value]) => ({
    key: encodeKey(/** @type {Key} */ (key)),
    value: encodeValue(value, depth - 1),
  }));
  entries.sort((left, right) => compare(left.key, right.key));
  if (entries.some(({ key }, at) => at > 0 && compare(entries[at - 1].key, key) === 0)) {
    throw new CborError('one map key twice');
  }
  return concat(head(MAP, entries.length), ...entries.flatMap(({ key, value }) => [key, value]));
}

/** @param {number} major @param {number | bigint} argument @returns {Bytes} */
function head(major, argument) {
  const first = major << 5;
  if (argument < 24) return Uint8Array.of(first | Number(argument));
  if (argument < 0x100) return Uint8Array.of(first | 24, Number(argument));
  if (argument > 0xffff_ffff_ffff_ffffn) {
    throw new CborError('integer outside 64 bits: CBOR heads hold no more');
  }
  const size = argument < 0x1_0000 ? 2 : argument < 0x1_0000_0000 ? 4 : 8;
  const out = new DataView(new ArrayBuffer(1 + size));
  out.setUint8(0, first | (24 + Math.log2(size)));
  if (size === 2) out.setUint16(1, Number(argument));
  else if (size === 4) out.setUint32(1, Number(argument));
  else out.setBigUint64(1, BigInt(argument));
  return new Uint8Array(out.buffer);
}

// Decoding

/** A place in the bytes; each step reads on from it, or is a CborError. */
class Reader {
  #data;

  /** @param {Uint8Array} data @param {number} at */
  constructor(data, at) {
    this.#data = data;
    this.at = at;
  }

  /** The next item. @param {number} depth @returns {Value} */
  value(depth) {
    const initial = this.#take(1)[0];
    const major = initial >> 5;
    const argument = this.#argument(major, initial & 31);
    switch (major) {
      case UINT:
        return argument;
      case NINT:
        return negative(argument);
      case BYTES:
        return this.#take(argument);
      case TEXT:
        return readText(this.#take(argument));
      case ARRAY:
        return this.#array(argument, depth);
      case MAP:
        return this.#map(argument, depth);
      case TAG:
        throw new CborError('tags are not used here: send the bare item');
      default:
        return readSimple(initial);
    }
  }

  /** A number while that holds it exactly, else a bigint.
   * @param {number} major @param {number} low @returns {number | bigint} */
  #argument(major, low) {
    if (low < 24) return low;
    if (major === 7) throw notSimple();
    if (low === 31) throw new CborError('indefinite length: write the length first');
    if (low > 27) throw new CborError('reserved CBOR head');
    const size = 2 ** (low - 24);
    const raw = this.#take(size);
    const argument = exact(raw.reduce((number, byte) => (number << 8n) | BigInt(byte), 0n));
    const least = size === 1 ? 24 : 2 ** (4 * size);
    if (argument < least) throw new CborError('longer head than needed: use the shortest form');
    return argument;
  }

  /** The next bytes, as a copy. @param {number | bigint} size @returns {Bytes} */
  #take(size) {
    if (size > this.#data.length - this.at) throw truncated();
    this.at += Number(size);
    return this.#data.slice(this.at - Number(size), this.at);
  }

  /** @param {number | bigint} size @param {number} depth @returns {Value[]} */
  #array(size, depth) {
    if (!depth) throw tooDeep();
    const values = [];
    for (let count = 0; count < size; count += 1) values.push(this.value(depth - 1));
    return values;
  }

  /** @param {number | bigint} size @param {number} depth @returns {Map<Key, Value>} */
  #map(size, depth) {
    if (!depth) throw tooDeep();
    /** @type {Map<Key, Value>} */
    const pairs = new Map();
    let last = this.#data.subarray(0, 0);
    for (let count = 0; count < size; count += 1) {
      const start = this.at;
      const key = this.value(depth - 1);
      const raw = this.#data.subarray(start, this.at);
      if (compare(raw, last) <= 0) throw new CborError('map keys out of order, or one key twice');
      last = raw;
      if (!isKey(key)) throw new CborError('a map key must be an integer, bytes or text');
      pairs.set(key, this.value(depth - 1));
    }
    return pairs;
  }
}

/** @param {Value} value @returns {value is Key} */
const isKey = (value) =>
  value instanceof Uint8Array || ['number', 'bigint', 'string'].includes(typeof value);

/** @param {bigint} value @returns {number | bigint} */
const exact = (value) =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;

/** @param {number | bigint} argument @returns {number | bigint} */
const negative = (argument) => exact(-1n - BigInt(argument));

/** @param {Bytes} raw @returns {string} */
function readText(raw) {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw new CborError('text that is not UTF-8');
  }
}

/** @param {number} initial @returns {boolean | null} */
function readSimple(initial) {
  if (initial === NULL) return null;
  if (initial !== TRUE && initial !== FALSE) throw notSimple();
  return initial === TRUE;
}

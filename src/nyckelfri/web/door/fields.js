/**
 * Reading the decoded CBOR of signed objects: one check a field, one error for all.
 *
 * House rule: an object is read whole or not at all, with exactly the keys it should have.
 */

import { compare } from '../base/bytes.js';
import { CborError, decode } from '../base/cbor.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */

export const ID_BYTES = 8;
/** Times are 4-byte unsigned integers: the year 2106 ends the format, not 2038. */
export const MAX_TIME = 0xffff_ffff;

/** A signed object decodes, but does not say what an object of its kind must say. */
export class ObjectError extends Error {
  name = 'ObjectError';
}

/** The one item in `payload`. @param {Uint8Array} payload @returns {Value} */
export function item(payload) {
  try {
    return decode(payload);
  } catch (error) {
    if (error instanceof CborError) throw new ObjectError(error.message);
    throw error;
  }
}

/** The map in `payload`, which has exactly these keys; they rise.
 * @param {Uint8Array} payload @param {number[]} keys @returns {Value[]} the values, in that order */
export const record = (payload, keys) => entries(item(payload), keys);

/** The values of a decoded map, which has exactly these keys; they rise.
 * @param {Value | undefined} value @param {number[]} keys @returns {Value[]} */
export function entries(value, keys) {
  if (!(value instanceof Map) || value.size !== keys.length || !keys.every((k) => value.has(k))) {
    throw new ObjectError(`must be a map with the keys ${keys.join(', ')}`);
  }
  return [...value.values()];
}

/** A byte string of exactly `size` bytes.
 * @param {Value | undefined} value @param {number} size @param {string} what @returns {Bytes} */
export function byteString(value, size, what) {
  if (!(value instanceof Uint8Array) || value.length !== size) {
    throw new ObjectError(`${what} must be ${size} bytes`);
  }
  return value;
}

/** An 8-byte identifier. @param {Value} value @param {string} what @returns {Bytes} */
export const identifier = (value, what) => byteString(value, ID_BYTES, what);

/** An integer from `least` to `most`, both included.
 * @param {Value | undefined} value @param {string} what
 * @param {{least?: number, most?: number}} [limits] @returns {number} */
export function integer(value, what, { least = 0, most = MAX_TIME } = {}) {
  if (typeof value !== 'number' || value < least || value > most) {
    throw new ObjectError(`${what} must be a number from ${least} to ${most}`);
  }
  return value;
}

/** An array of `least` to `most` items.
 * @param {Value | undefined} value @param {string} what
 * @param {{least?: number, most: number}} limits @returns {Value[]} */
export function items(value, what, { least = 0, most }) {
  if (!Array.isArray(value) || value.length < least || value.length > most) {
    throw new ObjectError(`${what} must be a list of ${least} to ${most}`);
  }
  return value;
}

/** Strictly rising 8-byte identifiers.
 * @param {Value} value @param {string} what @param {number} most @returns {readonly Bytes[]} */
export function risingIdentifiers(value, what, most) {
  const found = items(value, what, { most }).map((each) => identifier(each, what));
  if (!rises(found)) throw new ObjectError(`${what} must rise, each once`);
  return Object.freeze(found);
}

/** Whether each is greater than the one before. @param {readonly Uint8Array[]} found */
export const rises = (found) =>
  found.every((each, at) => at === 0 || compare(found[at - 1], each) < 0);

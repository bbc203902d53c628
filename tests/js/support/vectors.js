/** The vectors that every implementation of the protocol is held to. */

import { readFileSync } from 'node:fs';

import { fromHex } from '../../../src/nyckelfri/web/base/bytes.js';

/** One file of `vectors/`. @param {string} name @returns {any} */
export const vectors = (name) =>
  JSON.parse(readFileSync(new URL(`../../../vectors/${name}`, import.meta.url), 'utf-8'));

/** Bytes in hex, or null. @param {string | null} hex */
export const blob = (hex) => (hex === null ? null : fromHex(hex));

/** A copy with one bit of the byte at `at` turned; -1 is the last byte.
 * @param {Uint8Array} bytes @param {number} at */
export function turned(bytes, at) {
  const copy = new Uint8Array(bytes);
  copy[at < 0 ? bytes.length + at : at] ^= 1;
  return copy;
}

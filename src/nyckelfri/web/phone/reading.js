/**
 * Fields of a JSON answer, each of exactly the kind it should be.
 *
 * House rule: one error for whatever does not read, and it tells nothing of the content.
 */

import { fromBase64url, fromHex } from '../base/bytes.js';
import { AnswerError } from './client.js';

/** @import { Bytes } from '../base/bytes.js' */

/** @typedef {{string: string, number: number, boolean: boolean, array: unknown[],
 *   object: Record<string, unknown>}} Kinds */

/** @type {{[K in keyof Kinds]: (value: unknown) => boolean}} */
const IS = {
  string: (value) => typeof value === 'string',
  number: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

/** One field of a JSON object, of exactly this kind; AnswerError.
 * @template {keyof Kinds} K @param {unknown} answer @param {string} name @param {K} kind
 * @returns {Kinds[K]} */
export function get(answer, name, kind) {
  const whole = IS.object(answer) ? /** @type {Record<string, unknown>} */ (answer) : {};
  const value = Object.hasOwn(whole, name) ? whole[name] : undefined;
  if (!IS[kind](value)) throw new AnswerError();
  return /** @type {Kinds[K]} */ (value);
}

/** As `get`, or null where the field is null or not there.
 * @template {keyof Kinds} K @param {unknown} answer @param {string} name @param {K} kind
 * @returns {Kinds[K] | null} */
export function optional(answer, name, kind) {
  const whole = IS.object(answer) ? /** @type {Record<string, unknown>} */ (answer) : {};
  return (whole[name] ?? null) === null ? null : get(answer, name, kind);
}

/** The bytes of base64url; AnswerError. @param {string} text @returns {Bytes} */
export const decode = (text) => or(() => fromBase64url(text));

/** An 8-byte id in hex, as it stands; AnswerError.
 * @param {unknown} answer @param {string} name @returns {string} */
export function identifier(answer, name) {
  const text = get(answer, name, 'string');
  if (or(() => fromHex(text)).length !== 8) throw new AnswerError();
  return text;
}

/** @template T @param {() => T} read @returns {T} */
function or(read) {
  try {
    return read();
  } catch {
    throw new AnswerError();
  }
}

/**
 * What goes wrong in EDHOC, and the error message of RFC 9528 section 6, as an Initiator reads it.
 *
 * House rules: an `EdhocError` is about what arrived, a `StateError` about how this room was
 * called. Texts are written here, by us: never a peer's bytes, never key material.
 */

import { CborError, decodeSequence } from '../base/cbor.js';

/** @import { Value } from '../base/cbor.js' */

/** ERR_CODE of RFC 9528 section 6. */
export const ErrorCode = Object.freeze({ unspecified: 1, wrongSuite: 2, unknownCredential: 3 });

const MAX_ERROR_MESSAGE = 256;

/** The handshake is over: the peer's message was refused, or the peer refused ours. */
export class EdhocError extends Error {
  name = 'EdhocError';

  /** @param {string} text for our own log
   * @param {{code?: number, suitesR?: number[]}} [details] ERR_CODE, and the Responder's suites */
  constructor(text, { code = ErrorCode.unspecified, suitesR = [] } = {}) {
    super(text);
    this.code = code;
    this.suitesR = suitesR;
  }
}

/** A step of the handshake was taken twice: begin a new handshake. */
export class StateError extends Error {
  name = 'StateError';
}

/** What `read` returns; an `EdhocError` about this message when it meets bytes that are no CBOR.
 * @template T @param {string} name @param {() => T} read @returns {T} */
export function refusing(name, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof CborError) throw new EdhocError(`${name} is refused: ${error.message}`);
    throw error;
  }
}

/** Recognise a received error message; null when `data` is anything else.
 *
 * An error message is not authenticated: it may end a handshake and nothing more. The peer's
 * diagnostic text is dropped.
 * @param {Uint8Array} data @returns {EdhocError | null} */
export function readError(data) {
  const [code, information] = items(data);
  if (code === ErrorCode.unspecified && typeof information === 'string') {
    return new EdhocError('the peer refused and gave no reason');
  }
  if (code === ErrorCode.wrongSuite && suites(information).length > 0) {
    return new EdhocError('the peer does not take the selected cipher suite', {
      code,
      suitesR: suites(information),
    });
  }
  if (code === ErrorCode.unknownCredential && information === true) {
    return new EdhocError('the peer does not know our credential', { code });
  }
  return null;
}

/** The two items of an error message, or none. @param {Uint8Array} data @returns {Value[]} */
function items(data) {
  try {
    const found = decodeSequence(data, { maxSize: MAX_ERROR_MESSAGE, maxDepth: 1 });
    return found.length === 2 ? found : [];
  } catch {
    return [];
  }
}

/** SUITES_R: one suite, or an array of at least two; empty when it is neither.
 * @param {Value} item @returns {number[]} */
function suites(item) {
  if (typeof item === 'number') return [item];
  if (!Array.isArray(item) || item.length < 2) return [];
  const numbers = item.filter((suite) => typeof suite === 'number');
  return numbers.length === item.length ? numbers : [];
}

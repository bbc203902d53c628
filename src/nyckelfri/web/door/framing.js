/**
 * How messages travel on the radio: names, sizes, framing for any MTU (docs/protocol.md, 11).
 *
 * House rules: pure; bytes in, bytes out. Each direction of a link is a byte stream of uint16
 * big-endian length, then the message; it is cut wherever the sender pleases. Length 0 and a
 * length over the limit of the moment are refused as soon as the length is read. After a
 * `FramingError` a stream has no meaning any more: close the link.
 */

import { EMPTY, concat } from '../base/bytes.js';

/** @import { Bytes } from '../base/bytes.js' */

export const SERVICE_UUID = '4f1b7a60-52c5-4d0e-9a3c-7be2d8f6c101';
export const TO_LOCK_UUID = '4f1b7a60-52c5-4d0e-9a3c-7be2d8f6c102';
export const TO_PHONE_UUID = '4f1b7a60-52c5-4d0e-9a3c-7be2d8f6c103';

export const MAX_MESSAGE = 65_535;
/** An attribute value has at most 512 bytes (Core specification, volume 3, part F, 3.2.9). */
export const MAX_PIECE = 512;
const HEADER = 2;

/** This stream breaks the framing, or this message cannot be framed: close the link. */
export class FramingError extends Error {
  name = 'FramingError';
}

/** Frame one message of 1 to 65 535 bytes and cut it into pieces of at most `size` bytes.
 *
 * FramingError for another length, RangeError for a size below 1.
 * @param {Uint8Array} message @param {number} size @returns {Bytes[]} */
export function cut(message, size) {
  if (message.length < 1 || message.length > MAX_MESSAGE) {
    throw new FramingError(`a message has 1 to ${MAX_MESSAGE} bytes, not ${message.length}`);
  }
  if (!(size >= 1)) throw new RangeError('a piece has at least one byte');
  const stream = concat([message.length >> 8, message.length & 0xff], message);
  return Array.from({ length: Math.ceil(stream.length / size) }, (_, at) =>
    stream.slice(at * size, (at + 1) * size),
  );
}

/**
 * Puts messages together again from pieces of any size.
 *
 * `limit` is the longest message, in bytes, that may come next; it may be set anew between
 * messages.
 */
export class Assembler {
  /** @type {Bytes} */
  #waiting = EMPTY;
  #broken = false;

  /** @param {number} [limit] */
  constructor(limit = MAX_MESSAGE) {
    this.limit = limit;
  }

  /** How many bytes wait for the rest of their message. */
  get waiting() {
    return this.#waiting.length;
  }

  /** Keep a piece without judging it: for a reader that learns the limit later.
   * @param {Uint8Array} piece */
  push(piece) {
    if (!this.#broken) this.#waiting = concat(this.#waiting, piece);
  }

  /** The next whole message under the limit of now, null while bytes are missing.
   *
   * FramingError for a forbidden length, and from then on for ever.
   * @returns {Bytes | null} */
  take() {
    if (this.#broken) throw new FramingError('this stream is broken already: close the link');
    if (this.#waiting.length < HEADER) return null;
    const length = (this.#waiting[0] << 8) | this.#waiting[1];
    if (length < 1 || length > this.limit) {
      this.#broken = true;
      this.#waiting = EMPTY;
      throw new FramingError(`a message of ${length} bytes, where 1 to ${this.limit} are allowed`);
    }
    const end = HEADER + length;
    if (this.#waiting.length < end) return null;
    const message = this.#waiting.slice(HEADER, end);
    this.#waiting = this.#waiting.slice(end);
    return message;
  }
}

/**
 * Byte strings: joining, comparing, writing as text.
 *
 * House rules: nothing here changes what it is given, and every result owns its bytes.
 */

/** What this program makes and keeps: a byte array over memory of its own, as WebCrypto wants it.
 * @typedef {Uint8Array<ArrayBuffer>} Bytes */

export const EMPTY = new Uint8Array(0);

/** Bytes that do not read as the text form they should have. */
export class BytesError extends Error {
  name = 'BytesError';
}

/** All parts, one after the other. @param {...ArrayLike<number>} parts @returns {Bytes} */
export function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Whether both are the same bytes; where they differ does not show in the time it takes.
 * @param {Uint8Array} left @param {Uint8Array} right @returns {boolean} */
export function equal(left, right) {
  let difference = left.length ^ right.length;
  for (let at = 0; at < left.length; at += 1) difference |= left[at] ^ right[at];
  return difference === 0;
}

/** Bytewise order: negative, 0 or positive, as a sort wants it; a beginning stands first.
 * @param {Uint8Array} left @param {Uint8Array} right @returns {number} */
export function compare(left, right) {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    if (left[at] !== right[at]) return left[at] - right[at];
  }
  return left.length - right.length;
}

/** UTF-8. @param {string} text @returns {Bytes} */
export const utf8 = (text) => new TextEncoder().encode(text);

/** Lower-case hex. @param {Uint8Array} bytes @returns {string} */
export const toHex = (bytes) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The bytes of lower-case hex; BytesError. @param {string} text @returns {Bytes} */
export function fromHex(text) {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new BytesError('not lower-case hex');
  return Uint8Array.from({ length: text.length / 2 }, (_, at) =>
    Number.parseInt(text.slice(2 * at, 2 * at + 2), 16),
  );
}

/** base64url without padding (RFC 4648 section 5). @param {Uint8Array} bytes @returns {string} */
export function toBase64url(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** The bytes of `toBase64url`, of its one form; BytesError. @param {string} text @returns {Bytes} */
export function fromBase64url(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) throw new BytesError('not base64url');
  const decoded = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(decoded, (character) => character.charCodeAt(0));
  if (toBase64url(bytes) !== text) throw new BytesError('base64url with unused bits set');
  return bytes;
}

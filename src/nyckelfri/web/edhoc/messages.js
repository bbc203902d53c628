/**
 * The messages as an Initiator writes and reads them, strictly (RFC 9528 section 5).
 *
 * House rules: whatever the bytes, reading them raises `EdhocError` and nothing else. Only method
 * 3 (static Diffie-Hellman on both sides) is spoken. Texts name the message and the rule, never
 * the bytes.
 */

import { concat } from '../base/bytes.js';
import { decode, decodeFrom, encode } from '../base/cbor.js';
import { compactIdCred, readIdCred } from './credentials.js';
import { COORDINATE, MAX_EXPAND } from './crypto.js';
import { decodeEad } from './ead.js';
import { EdhocError, refusing } from './errors.js';
import { encodeIdentifier, readIdentifier } from './identifiers.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */
/** @import { IdCred } from './credentials.js' */
/** @import { EadItem } from './ead.js' */
/** What PLAINTEXT_2 says; `ead` as sent, `items` as understood, `raw` the whole of it.
 * @typedef {{raw: Bytes, cR: Bytes, idCred: IdCred, mac: Bytes, ead: Bytes,
 *   items: Required<EadItem>[]}} Plaintext2 */

const METHOD = 3;
/** The longest message in bytes that is composed or read. */
export const MAX_MESSAGE = 40_960;
/** What tag and head add to a plaintext, at most. */
const OVERHEAD = 32;

/** @param {number | number[]} suitesI @param {Bytes} gX @param {Bytes} cI @param {Bytes} ead1
 * @returns {Bytes} */
export const composeMessage1 = (suitesI, gX, cI, ead1) =>
  limited(concat(encode(METHOD), encode(suitesI), encode(gX), encodeIdentifier(cI), ead1));

/** G_Y and CIPHERTEXT_2; EdhocError.
 * @param {Uint8Array} data @returns {{gY: Bytes, ciphertext2: Bytes}} */
export function readMessage2(data) {
  const content = readCiphertext('message_2', data);
  if (content.length <= COORDINATE || content.length > COORDINATE + MAX_EXPAND) {
    throw new EdhocError('message_2 is too short or too long');
  }
  return { gY: content.slice(0, COORDINATE), ciphertext2: content.slice(COORDINATE) };
}

/** A message that is one byte string; EdhocError.
 * @param {string} name @param {Uint8Array} data @returns {Bytes} */
export function readCiphertext(name, data) {
  const content = refusing(name, () => decode(data, { maxSize: MAX_MESSAGE }));
  if (!(content instanceof Uint8Array)) throw new EdhocError(`${name} is not a byte string`);
  return content;
}

/** PLAINTEXT_2; EdhocError.
 * @param {Bytes} raw @param {number} macLength @param {number[]} known EAD labels
 * @returns {Plaintext2} */
export function readPlaintext2(raw, macLength, known) {
  return refusing('PLAINTEXT_2', () => {
    const first = readItem(raw, 0);
    const cR = readIdentifier(first.item, first.raw);
    const second = readItem(raw, first.end);
    const idCred = readIdCred(second.item, second.raw);
    const { item: mac, end } = readItem(raw, second.end);
    if (!(mac instanceof Uint8Array) || mac.length !== macLength) {
      throw new EdhocError('a MAC that is not as long as the cipher suite says');
    }
    const ead = raw.slice(end);
    return { raw, cR, idCred, mac, ead, items: decodeEad(ead, known) };
  });
}

/** The item at `start`, its own bytes, and the offset behind it; CborError.
 * @param {Bytes} data @param {number} start @returns {{item: Value, raw: Bytes, end: number}} */
function readItem(data, start) {
  const [item, end] = decodeFrom(data, start);
  return { item, raw: data.slice(start, end), end };
}

/** @param {IdCred} idCred @param {Bytes} mac @param {Bytes} ead3 @returns {Bytes} */
export const composePlaintext3 = (idCred, mac, ead3) =>
  limited(concat(compactIdCred(idCred), encode(mac), ead3));

/** EAD_4; EdhocError. @param {Bytes} plaintext @param {number[]} known EAD labels */
export const readPlaintext4 = (plaintext, known) =>
  refusing('PLAINTEXT_4', () => decodeEad(plaintext, known));

/** @param {Bytes} message @returns {Bytes} */
function limited(message) {
  const most = MAX_MESSAGE - OVERHEAD;
  if (message.length > most) throw new RangeError(`a message holds ${most} bytes: send less EAD`);
  return message;
}

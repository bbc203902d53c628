/**
 * Signed objects: COSE_Sign1 and COSE_Sign with ES256, one shape each (docs/protocol.md, 2 and 3).
 *
 * House rule: a reader names the key and the type it expects, and gets the payload or
 * `SignatureError`. Nobody asks an object what it is. The phone verifies and never signs.
 *
 * Source: RFC 9052 sections 4.2 and 4.4, RFC 9053 section 2.1, RFC 9596 (typ).
 */

import { EMPTY, compare, equal, fromHex, toHex } from '../base/bytes.js';
import { CborError, decode, encode, mapOf } from '../base/cbor.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */

/** Bytes of payload in any signed object. */
export const MAX_PAYLOAD = 32_768;
const MAX_OBJECT = MAX_PAYLOAD + 2_048;

const ALG = 1;
const KID = 4;
const TYP = 16;
const ES256 = -7;
const POINT = 33;
const SIGNATURE = 64;
/** Half the group order of P-256, rounded down. */
const HALF_ORDER = fromHex('7fffffff800000007fffffffffffffffde737d56d38bcf4279dce5617e3192a8');

const { subtle } = globalThis.crypto;
const IMPORT = Object.freeze({ name: 'ECDSA', namedCurve: 'P-256' });
const VERIFY = Object.freeze({ name: 'ECDSA', hash: 'SHA-256' });

/** The object is not what the reader expects, signed by whom it expects. */
export class SignatureError extends Error {
  name = 'SignatureError';
}

const MAX_KEPT = 256;
/** Keys that were loaded, by their points in hex: finding y costs as much as a signature does.
 * @type {Map<string, CryptoKey>} */
const kept = new Map();

/** Load a 33-byte compressed point; SignatureError if it is not on the curve.
 * @param {Bytes} point @returns {Promise<CryptoKey>} */
export async function signingKey(point) {
  if (point.length !== POINT) {
    throw new SignatureError('a signing key is a compressed point of 33 bytes');
  }
  const name = toHex(point);
  let key = kept.get(name);
  if (!key) {
    key = await subtle.importKey('raw', point, IMPORT, false, ['verify']).catch(() => {
      throw new SignatureError('the signing key is not a point of P-256');
    });
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(name, key);
  }
  return key;
}

/** The payload of a COSE_Sign1 of this type, by the key that `keyOf` gives for its key id.
 *
 * `keyOf` throws SignatureError for an id that may not sign such an object; so does this.
 * @param {Uint8Array} data @param {{keyOf: (kid: Bytes) => Bytes, typ: string | null}} expected
 * @returns {Promise<Bytes>} */
export async function verifyById(data, { keyOf, typ }) {
  const { protectedHeader, payload, signature } = openOne(data);
  const kid = keyId(protectedHeader);
  if (!equal(protectedHeader, header(typ, kid))) throw otherThanExpected();
  const message = encode(['Signature1', protectedHeader, EMPTY, payload]);
  await verify(keyOf(kid), signature, message);
  return payload;
}

/** The payload of a COSE_Sign1, whoever signed it: it only says where to look; SignatureError.
 * @param {Uint8Array} data @returns {Bytes} */
export const unverifiedPayload = (data) => openOne(data).payload;

/** The payload of an object signed by `threshold` or more of the root's keys; SignatureError.
 *
 * Refuses when any signature in it is invalid, unknown, repeated or out of order: there is one
 * form of an object, and nothing in it that nobody checked.
 * @param {Uint8Array} data
 * @param {{keys: readonly Bytes[], threshold: number, typ: string}} expected
 * @returns {Promise<Bytes>} */
export async function verifyParts(data, { keys, threshold, typ }) {
  const [body, payload, parts] = openFour(data, 'not a root-signed object');
  if (!(body instanceof Uint8Array && payload instanceof Uint8Array && Array.isArray(parts))) {
    throw new SignatureError('not a root-signed object');
  }
  if (!equal(body, encode(mapOf([TYP, typ])))) throw otherThanExpected();
  checkSize(payload);
  if (parts.length < threshold || parts.length > keys.length) {
    const count = `${threshold} to ${keys.length} signatures, has ${parts.length}`;
    throw new SignatureError(`needs ${count}`);
  }
  let last = -1;
  for (const part of parts) {
    const { index, partHeader, signature } = readPart(part);
    if (index <= last || index >= keys.length) {
      throw new SignatureError('parts of the root signature are unknown or out of order');
    }
    last = index;
    const message = encode(['Signature', body, partHeader, EMPTY, payload]);
    await verify(keys[index], signature, message);
  }
  return payload;
}

const otherThanExpected = () => new SignatureError('signed as something else than expected');
const malformedPart = () => new SignatureError('a part of the root signature is malformed');

/** @param {string | null} typ @param {Bytes} kid @returns {Bytes} */
function header(typ, kid) {
  const parameters = mapOf([ALG, ES256], [KID, kid]);
  if (typ !== null) parameters.set(TYP, typ);
  return encode(parameters);
}

/** @param {Bytes} protectedHeader @returns {Bytes} */
function keyId(protectedHeader) {
  const decoded = read(protectedHeader);
  const kid = decoded instanceof Map ? decoded.get(KID) : null;
  if (!(kid instanceof Uint8Array) || kid.length !== 1) {
    throw new SignatureError('the object names no key id of one byte');
  }
  return kid;
}

/** @param {Value} part @returns {{index: number, partHeader: Bytes, signature: Bytes}} */
function readPart(part) {
  if (!Array.isArray(part) || part.length !== 3) throw malformedPart();
  const [partHeader, extra, signature] = part;
  if (!(partHeader instanceof Uint8Array && signature instanceof Uint8Array && isEmptyMap(extra))) {
    throw malformedPart();
  }
  const index = keyId(partHeader);
  if (!equal(partHeader, header(null, index))) throw malformedPart();
  return { index: index[0], partHeader, signature };
}

/** @param {Uint8Array} data
 * @returns {{protectedHeader: Bytes, payload: Bytes, signature: Bytes}} */
function openOne(data) {
  const [protectedHeader, payload, signature] = openFour(data, 'not a signed object');
  if (
    protectedHeader instanceof Uint8Array &&
    payload instanceof Uint8Array &&
    signature instanceof Uint8Array
  ) {
    checkSize(payload);
    return { protectedHeader, payload, signature };
  }
  throw new SignatureError('not a signed object');
}

/** The outer array without its unprotected header, which is empty.
 * @param {Uint8Array} data @param {string} otherwise @returns {[Value, Value, Value]} */
function openFour(data, otherwise) {
  const value = read(data);
  if (!Array.isArray(value) || value.length !== 4 || !isEmptyMap(value[1])) {
    throw new SignatureError(otherwise);
  }
  return [value[0], value[2], value[3]];
}

/** @param {Value} value */
const isEmptyMap = (value) => value instanceof Map && value.size === 0;

/** @param {Uint8Array} data @returns {Value} */
function read(data) {
  try {
    return decode(data, { maxSize: MAX_OBJECT });
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw new SignatureError(`not a signed object: ${error.message}`);
  }
}

/** @param {Bytes} payload */
function checkSize(payload) {
  if (payload.length > MAX_PAYLOAD) {
    throw new SignatureError(`a signed payload has at most ${MAX_PAYLOAD} bytes`);
  }
}

/** @param {Bytes} point @param {Bytes} signature r and s @param {Bytes} message */
async function verify(point, signature, message) {
  if (signature.length !== SIGNATURE) throw new SignatureError('a signature has 64 bytes');
  if (compare(signature.slice(SIGNATURE / 2), HALF_ORDER) > 0) {
    throw new SignatureError('the signature is in its second form');
  }
  if (!(await subtle.verify(VERIFY, await signingKey(point), signature, message))) {
    throw new SignatureError('the signature does not hold');
  }
}

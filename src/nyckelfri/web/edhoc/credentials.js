/**
 * Whose key it is: ID_CRED_x and CRED_x (RFC 9528 section 3.5).
 *
 * House rules: this room proves possession of the key in a credential; whether the credential is
 * to be trusted is the caller's question. An Initiator shows a key id or a signed CWT by value
 * (kcwt, an untagged COSE_Sign1), and reads these and a CWT Claims Set by value (kccs).
 */

import { concat, equal } from '../base/bytes.js';
import { decode, encode, mapOf } from '../base/cbor.js';
import { EdhocError } from './errors.js';
import { encodeIdentifier, readIdentifier } from './identifiers.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */
/** ID_CRED_x: the COSE header parameter, and the key id or the encoded credential.
 * @typedef {{readonly kind: number, readonly value: Bytes}} IdCred */
/** How a credential is named, CRED_x as encoded, and the x of its P-256 key (32 bytes).
 * @typedef {{readonly idCred: IdCred, readonly cred: Bytes, readonly publicX: Bytes}} Credential */

/** The COSE header parameter that ID_CRED_x uses. */
export const IdKind = Object.freeze({ kid: 4, kcwt: 13, kccs: 14 });

/** Name a credential by its key id. @param {Bytes} value @returns {IdCred} */
export const kid = (value) => Object.freeze({ kind: IdKind.kid, value });

/** Carry a signed CWT, an encoded untagged COSE_Sign1; CborError, or EdhocError for less.
 * @param {Bytes} value @returns {IdCred} */
export function kcwt(value) {
  if (!isSign1(decode(value))) throw new EdhocError('a kcwt is an untagged COSE_Sign1 array');
  return Object.freeze({ kind: IdKind.kcwt, value });
}

/** @param {IdCred} left @param {IdCred} right @returns {boolean} */
export const sameIdCred = (left, right) =>
  left.kind === right.kind && equal(left.value, right.value);

/** The whole ID_CRED_x map, as the MACs cover it. @param {IdCred} idCred @returns {Bytes} */
export const encodeIdCred = ({ kind, value }) =>
  concat([0xa1, kind], kind === IdKind.kid ? encode(value) : value);

/** The form inside a plaintext: a kid stands bare (RFC 9528 section 3.5.3.2).
 * @param {IdCred} idCred @returns {Bytes} */
export const compactIdCred = (idCred) =>
  idCred.kind === IdKind.kid ? encodeIdentifier(idCred.value) : encodeIdCred(idCred);

/** ID_CRED_x from its compact form, a decoded item and its own bytes; EdhocError.
 * @param {Value} item @param {Bytes} raw @returns {IdCred} */
export function readIdCred(item, raw) {
  if (!(item instanceof Map)) return kid(readIdentifier(item, raw));
  if (item.size === 1) {
    const value = raw.slice(2);
    if (isSign1(item.get(IdKind.kcwt))) return Object.freeze({ kind: IdKind.kcwt, value });
    if (item.get(IdKind.kccs) instanceof Map) return Object.freeze({ kind: IdKind.kccs, value });
  }
  throw new EdhocError('a credential of a kind that is not used here');
}

/** @param {IdCred} idCred @param {Bytes} cred @param {Bytes} publicX @returns {Credential} */
export function credential(idCred, cred, publicX) {
  if (publicX.length !== 32) throw new RangeError('publicX is a coordinate of 32 bytes');
  return Object.freeze({ idCred, cred, publicX });
}

/** A CWT Claims Set that is named by its key id.
 * @param {Bytes} publicX @param {{kid: Bytes, subject: string}} names @returns {Credential} */
export function ccsCredential(publicX, { kid: keyId, subject }) {
  const key = mapOf([1, 2], [2, keyId], [-1, 1], [-2, publicX]); // EC2, kid, P-256, x
  const claims = mapOf([2, subject], [8, mapOf([1, key])]); // sub, cnf
  return credential(kid(keyId), encode(claims), publicX);
}

/** @param {Value | undefined} item */
const isSign1 = (item) =>
  Array.isArray(item) &&
  item.length === 4 &&
  item[1] instanceof Map &&
  [0, 2, 3].every((at) => item[at] instanceof Uint8Array);

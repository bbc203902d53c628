/**
 * Grants: the right to one door, for one phone, for one shift (docs/protocol.md, 4).
 *
 * House rule: the phone checks whose word a grant is, and never judges its time: the lock does.
 */

import { digest } from '../edhoc/index.js';
import * as fields from './fields.js';
import * as keyset from './keyset.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { KeySet } from './keyset.js' */
/** The claims of a grant: ids of 8 bytes, phone key x of 32, times in Unix seconds.
 * @typedef {{readonly subject: Bytes, readonly installation: Bytes, readonly notAfter: number,
 *   readonly notBefore: number, readonly issued: number, readonly serial: Bytes,
 *   readonly phone: Bytes, readonly scope: number}} Grant */

export const GRANT_BYTES = 172;
/** Times are always four bytes long, so that the claims have one layout. */
const MIN_TIME = 65_536;

/** What a grant allows at its door; a bit each. */
export const Scope = Object.freeze({ unlock: 1, lock: 2, service: 4 });
const ALL = Scope.unlock | Scope.lock | Scope.service;

/** What a phone asks a lock to do. */
export const Command = Object.freeze({ unlock: 1, lock: 2, service: 3 });

/** The scope bit that allows a command. @param {number} command @returns {number} */
export const scopeOf = (command) => 1 << (command - 1);

/** The 8 bytes by which journals and bulletins name a phone key.
 * @param {Bytes} publicX @returns {Promise<Bytes>} */
export const thumbprint = async (publicX) => (await digest(publicX)).slice(0, fields.ID_BYTES);

/** The grant in `data`, signed by a grant key of `keySet`; SignatureError or ObjectError.
 *
 * Neither window nor audience is judged here.
 * @param {Uint8Array} data @param {KeySet} keySet @returns {Promise<Grant>} */
export async function verify(data, keySet) {
  const expected = { purpose: keyset.Purpose.grant, typ: null };
  return fromPayload(await keyset.verify(keySet, data, expected));
}

/** The grant that these claims describe; who signed them is not looked at. ObjectError.
 * @param {Uint8Array} payload @returns {Grant} */
export function fromPayload(payload) {
  const claims = fields.record(payload, [2, 3, 4, 5, 6, 7, 8, 9]);
  const [subject, audience, notAfter, notBefore, issued, serial, confirmation, scope] = claims;
  const [coseKey] = fields.entries(confirmation, [1]);
  const [kind, curve, x] = fields.entries(coseKey, [1, -1, -2]);
  fields.integer(kind, 'the key type', { least: 2, most: 2 });
  fields.integer(curve, 'the curve', { least: 1, most: 1 });
  const [bits] = fields.byteString(scope, 1, 'the scope');
  return Object.freeze({
    subject: fields.identifier(subject, 'the subject'),
    installation: fields.identifier(audience, 'the installation'),
    notAfter: fields.integer(notAfter, 'the end', { least: MIN_TIME }),
    notBefore: fields.integer(notBefore, 'the beginning', { least: MIN_TIME }),
    issued: fields.integer(issued, 'the time of issue', { least: MIN_TIME }),
    serial: fields.identifier(serial, 'the serial'),
    phone: fields.byteString(x, 32, 'the phone key'),
    scope: fields.integer(bits, 'the scope', { least: 1, most: ALL }),
  });
}

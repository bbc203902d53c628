/**
 * Revocations and time as one signed object, and time over a lock's nonce (docs/protocol.md, 5).
 *
 * House rule: the phone carries them to locks, and acts on neither.
 */

import { equal } from '../base/bytes.js';
import * as fields from './fields.js';
import * as keyset from './keyset.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { KeySet } from './keyset.js' */
/** What is revoked (thumbprints and serials, rising), and when the server said so.
 * @typedef {{readonly municipality: Bytes, readonly epoch: number, readonly issued: number,
 *   readonly phones: readonly Bytes[], readonly serials: readonly Bytes[]}} Bulletin */
/** What a bulletin is numbered by.
 * @typedef {{readonly epoch: number, readonly issued: number}} BulletinNumber */

export const TYP = 'nyckelfri/bulletin';
export const TIME_TYP = 'nyckelfri/time';
export const MAX_REVOCATIONS = 3_000;
export const NONCE_BYTES = 16;

/** Whether a bulletin has a higher number than another one, which is no bulletin when it is null.
 * @param {BulletinNumber} bulletin @param {BulletinNumber | null} other @returns {boolean} */
export const isNewer = (bulletin, other) =>
  other === null ||
  bulletin.epoch > other.epoch ||
  (bulletin.epoch === other.epoch && bulletin.issued > other.issued);

/** The bulletin in `data`, of the municipality and epoch of `keySet`.
 *
 * SignatureError or ObjectError.
 * @param {Uint8Array} data @param {KeySet} keySet @returns {Promise<Bulletin>} */
export async function read(data, keySet) {
  const expected = { purpose: keyset.Purpose.bulletin, typ: TYP };
  const bulletin = fromPayload(await keyset.verify(keySet, data, expected));
  if (!equal(bulletin.municipality, keySet.municipality) || bulletin.epoch !== keySet.epoch) {
    throw new fields.ObjectError('a bulletin of another municipality or epoch');
  }
  return bulletin;
}

/** Unix seconds that the server signed for this installation's nonce.
 *
 * SignatureError or ObjectError.
 * @param {Uint8Array} data @param {KeySet} keySet
 * @param {{installation: Bytes, nonce: Bytes}} asked @returns {Promise<number>} */
export async function readTime(data, keySet, { installation, nonce }) {
  const expected = { purpose: keyset.Purpose.bulletin, typ: TIME_TYP };
  const payload = await keyset.verify(keySet, data, expected);
  const [municipality, lock, answered, time] = fields.record(payload, [1, 2, 3, 4]);
  if (
    !equal(fields.identifier(municipality, 'the municipality'), keySet.municipality) ||
    !equal(fields.identifier(lock, 'the installation'), installation) ||
    !equal(fields.byteString(answered, NONCE_BYTES, 'the nonce'), nonce)
  ) {
    throw new fields.ObjectError('a time token for another lock or session');
  }
  return fields.integer(time, 'the time');
}

/** @param {Bytes} payload @returns {Bulletin} */
function fromPayload(payload) {
  const [municipality, epoch, issued, phones, serials] = fields.record(payload, [1, 2, 3, 4, 5]);
  const revoked = fields.risingIdentifiers(phones, 'revoked phones', MAX_REVOCATIONS);
  const left = MAX_REVOCATIONS - revoked.length;
  return Object.freeze({
    municipality: fields.identifier(municipality, 'the municipality'),
    epoch: fields.integer(epoch, 'the epoch'),
    issued: fields.integer(issued, 'the time of issue'),
    phones: revoked,
    serials: fields.risingIdentifiers(serials, 'revoked serials', left),
  });
}

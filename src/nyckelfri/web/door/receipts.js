/**
 * What a phone sees of a lock's journal: how far a sealed batch goes, and the server's receipts
 * (docs/protocol.md, 8).
 *
 * House rule: the phone carries batches and cannot open them; what it reads of one is what the
 * batch says of itself, and decides nothing but where to go on fetching.
 */

import { equal } from '../base/bytes.js';
import * as fields from './fields.js';
import * as keyset from './keyset.js';
import { unverifiedPayload } from './signed.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */
/** @import { KeySet } from './keyset.js' */
/** The server has committed the journal up to `number`, where the chain had `head` (32 bytes).
 * @typedef {{readonly municipality: Bytes, readonly installation: Bytes,
 *   readonly number: number, readonly head: Bytes}} Receipt */
/** Whose entries a batch says it holds, and which. @typedef {{readonly installation: Bytes,
 *   readonly first: number, readonly last: number}} Claimed */

export const RECEIPT_TYP = 'nyckelfri/receipt';
/** Bytes of a signed batch. */
export const MAX_BATCH = 16_384;
export const MAX_BATCH_ENTRIES = 256;
const HEAD_BYTES = 32;
const WRAPPED_BYTES = 97;
const MIN_SEALED = 33;
const MAX_SEALED = 96;

/** The receipt for this lock in `data`, signed by a receipt key of `keySet`.
 *
 * SignatureError or ObjectError. Whether number and head are the lock's own, only it can say.
 * @param {Uint8Array} data @param {KeySet} keySet @param {{installation: Bytes}} expected
 * @returns {Promise<Receipt>} */
export async function openReceipt(data, keySet, { installation }) {
  const expected = { purpose: keyset.Purpose.receipt, typ: RECEIPT_TYP };
  const receipt = receiptFrom(await keyset.verify(keySet, data, expected));
  if (
    !equal(receipt.municipality, keySet.municipality) ||
    !equal(receipt.installation, installation)
  ) {
    throw new fields.ObjectError('a receipt for another lock');
  }
  return receipt;
}

/** The lock that a receipt says it is for, unverified: it only says whose to open it as.
 *
 * SignatureError or ObjectError.
 * @param {Uint8Array} data @returns {Bytes} */
export const claimedInstallation = (data) => receiptFrom(unverifiedPayload(data)).installation;

/** What a batch says it is, unverified; SignatureError or ObjectError.
 * @param {Uint8Array} data @returns {Claimed} */
export function claimedBatch(data) {
  if (data.length > MAX_BATCH) {
    throw new fields.ObjectError(`a signed batch has at most ${MAX_BATCH} bytes`);
  }
  const batch = fields.item(unverifiedPayload(data));
  if (!Array.isArray(batch) || batch.length !== 4) {
    throw new fields.ObjectError('not a journal batch');
  }
  const [installation, number, previous, segments] = batch;
  fields.byteString(previous, HEAD_BYTES, 'the previous head');
  const first = fields.integer(number, 'the first number', { least: 1 });
  const counts = list(segments, 'segments').map(entriesOf);
  const count = counts.reduce((sum, each) => sum + each, 0);
  if (count > MAX_BATCH_ENTRIES) {
    throw new fields.ObjectError(`a batch has at most ${MAX_BATCH_ENTRIES} entries`);
  }
  return Object.freeze({
    installation: fields.identifier(installation, 'the installation'),
    first,
    last: fields.integer(first + count - 1, 'the last number'),
  });
}

/** @param {Bytes} payload @returns {Receipt} */
function receiptFrom(payload) {
  const [municipality, installation, number, head] = fields.record(payload, [1, 2, 3, 4]);
  return Object.freeze({
    municipality: fields.identifier(municipality, 'the municipality'),
    installation: fields.identifier(installation, 'the installation'),
    number: fields.integer(number, 'the entry number', { least: 1 }),
    head: fields.byteString(head, HEAD_BYTES, 'the head'),
  });
}

/** How many entries a segment holds. @param {Value} segment @returns {number} */
function entriesOf(segment) {
  if (!Array.isArray(segment) || segment.length !== 3) {
    throw new fields.ObjectError('a segment is key id, wrapped content key, sealed entries');
  }
  const [kid, wrapped, sealed] = segment;
  fields.byteString(kid, 1, 'a key id');
  fields.byteString(wrapped, WRAPPED_BYTES, 'a wrapped content key');
  const entries = list(sealed, 'sealed entries');
  for (const entry of entries) {
    const size = entry instanceof Uint8Array ? entry.length : 0;
    fields.integer(size, 'the bytes of a sealed entry', { least: MIN_SEALED, most: MAX_SEALED });
  }
  return entries.length;
}

/** @param {Value} value @param {string} what */
const list = (value, what) => fields.items(value, what, { least: 1, most: MAX_BATCH_ENTRIES });

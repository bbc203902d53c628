/**
 * The municipal root and the numbered key set it signs (docs/protocol.md, 3).
 *
 * House rule: a key has one purpose, and a reader asks for the purpose.
 */

import { compare, equal } from '../base/bytes.js';
import { encode } from '../base/cbor.js';
import { digest } from '../edhoc/index.js';
import * as fields from './fields.js';
import * as signed from './signed.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */
/** `threshold` of these 33-byte keys together are the municipality.
 * @typedef {{readonly threshold: number, readonly keys: readonly Bytes[],
 *   readonly encoded: Bytes, readonly municipality: Bytes}} Root */
/** One public key: 1-byte id, purpose, 33-byte compressed point.
 * @typedef {{readonly kid: Bytes, readonly purpose: number, readonly point: Bytes}} Key */
/** The keys that speak for a municipality, under a number that only rises; times in Unix seconds.
 * @typedef {{readonly municipality: Bytes, readonly number: number, readonly epoch: number,
 *   readonly issued: number, readonly keys: readonly Key[]}} KeySet */

export const TYP = 'nyckelfri/key-set';
export const MAX_ROOT_KEYS = 16;
export const MAX_KEYS = 32;

/** What a key in the key set may be used for; never two things. */
export const Purpose = Object.freeze({
  grant: 1,
  bulletin: 2,
  receipt: 3,
  settings: 4,
  installer: 5,
  sealing: 6,
});

/** The root in these bytes; ObjectError, or SignatureError for a key off the curve.
 * @param {Uint8Array} data @returns {Promise<Root>} */
export async function readRoot(data) {
  const value = fields.item(data);
  if (!Array.isArray(value) || value.length !== 2) {
    throw new fields.ObjectError('a root is [threshold, keys]');
  }
  const most = MAX_ROOT_KEYS;
  const keys = fields
    .items(value[1], 'the root keys', { least: 1, most })
    .map((key) => fields.byteString(key, 33, 'a root key'));
  const threshold = fields.integer(value[0], 'the threshold', { least: 1, most: keys.length });
  if (!fields.rises(keys)) throw new fields.ObjectError('the keys of a root must rise, each once');
  await Promise.all(keys.map(signed.signingKey));
  const encoded = encode([threshold, keys]);
  const municipality = (await digest(encoded)).slice(0, fields.ID_BYTES);
  return Object.freeze({ threshold, keys: Object.freeze(keys), encoded, municipality });
}

/** The key set in `data`, signed by `root` and for its municipality.
 *
 * SignatureError or ObjectError.
 * @param {Uint8Array} data @param {Root} root @returns {Promise<KeySet>} */
export async function read(data, root) {
  const keySet = await fromPayload(await signed.verifyParts(data, { ...root, typ: TYP }));
  if (!equal(keySet.municipality, root.municipality)) {
    throw new fields.ObjectError('a key set of another municipality');
  }
  if (keySet.keys.some(({ point }) => root.keys.some((key) => equal(key, point)))) {
    throw new fields.ObjectError('a root key signs key sets and nothing else');
  }
  return keySet;
}

/** The payload of an object signed by a key of the set for this purpose; SignatureError.
 * @param {KeySet} keySet @param {Uint8Array} data
 * @param {{purpose: number, typ: string | null}} expected @returns {Promise<Bytes>} */
export const verify = (keySet, data, { purpose, typ }) =>
  signed.verifyById(data, { keyOf: (kid) => point(keySet, purpose, kid), typ });

/** The public key with this id, if it has this purpose; else SignatureError.
 * @param {KeySet} keySet @param {number} purpose @param {Bytes} kid @returns {Bytes} */
function point(keySet, purpose, kid) {
  const found = keySet.keys.find((key) => key.purpose === purpose && equal(key.kid, kid));
  if (!found) {
    throw new signed.SignatureError('no key with this id and purpose in the key set');
  }
  return found.point;
}

/** @param {Bytes} payload @returns {Promise<KeySet>} */
async function fromPayload(payload) {
  const [municipality, number, epoch, issued, list] = fields.record(payload, [1, 2, 3, 4, 5]);
  const keys = fields.items(list, 'the keys', { least: 1, most: MAX_KEYS }).map(readKey);
  await Promise.all(keys.map((key) => signed.signingKey(key.point)));
  if (!fields.rises(keys.map(({ kid }) => kid))) {
    throw new fields.ObjectError('key ids must rise, each once');
  }
  if (!fields.rises(keys.map((key) => key.point).sort(compare))) {
    throw new fields.ObjectError('a key has one purpose and stands in the set once');
  }
  return Object.freeze({
    municipality: fields.identifier(municipality, 'the municipality'),
    number: fields.integer(number, 'the number', { least: 1 }),
    epoch: fields.integer(epoch, 'the epoch'),
    issued: fields.integer(issued, 'the time of issue'),
    keys: Object.freeze(keys),
  });
}

/** @param {Value} value @returns {Key} */
function readKey(value) {
  if (!Array.isArray(value) || value.length !== 3) {
    throw new fields.ObjectError('a key is [id, purpose, point]');
  }
  return Object.freeze({
    kid: fields.byteString(value[0], 1, 'a key id'),
    purpose: fields.integer(value[1], 'a purpose', { least: 1, most: Purpose.sealing }),
    point: fields.byteString(value[2], 33, 'a key'),
  });
}

/**
 * Records between phone and lock behind message 4, at the phone's end (docs/protocol.md, 9).
 *
 * House rules: one record, one framed message; counters never repeat; a record that does not
 * decrypt or decode ends the link. Stopping at any byte loses nothing. Records of installers are
 * not spoken here.
 */

import { EMPTY, concat } from '../base/bytes.js';
import { CborError, decodeSequence, encode } from '../base/cbor.js';
import { AesCcm, EdhocError } from '../edhoc/index.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Encodable, Value } from '../base/cbor.js' */
/** What the phone sends; `data` is a signed object, `first` 0 the oldest not acknowledged.
 * @typedef {{type: 'keySet' | 'bulletin' | 'receipt' | 'time', data: Bytes}
 *   | {type: 'fetch', first: number} | {type: 'end'}} FromPhone */
/** What the lock has, and a nonce for a time token; `battery` in percent, `estimate` Unix seconds.
 * @typedef {{type: 'status', mark: number, estimate: number, keySet: number, epoch: number,
 *   bulletin: number, nextNumber: number, acknowledged: number, battery: number | null,
 *   nonce: Bytes}} Status */
/** What the motor did about an intent. @typedef {{type: 'outcome', intent: number, result: number,
 *   number: number, head: Bytes}} Outcome */
/** What became of a delivered object: the number in `Type` of its record, and a `Taken`.
 * @typedef {{type: 'applied', record: number, result: number}} Applied */
/** @typedef {Readonly<Status | Outcome | Applied | {type: 'batch', data: Bytes}
 *   | {type: 'noMore'}>} FromLock */
/** @typedef {(label: number, context: Bytes, length: number) => Promise<Bytes>} Exporter */

/** The number that each type of record has on the wire. */
export const Type = Object.freeze({
  keySet: 1,
  bulletin: 2,
  receipt: 4,
  time: 5,
  fetch: 6,
  end: 8,
  status: 16,
  outcome: 17,
  applied: 18,
  batch: 19,
  noMore: 20,
});

/** What a lock's clock is worth. */
export const Mark = Object.freeze({ set: 0, approximate: 1, lost: 2 });
/** What a motor did. */
export const MotorResult = Object.freeze({ done: 1, jammed: 2, unknown: 3 });
/** What became of a delivered object. */
export const Taken = Object.freeze({ taken: 0, known: 1, refused: 2 });

export const MAX_RECORD = 40_960;
const PHONE_TO_LOCK = 32768;
const LOCK_TO_PHONE = 32769;
const KEY_BYTES = 16;
const NONCE_BYTES = 13;
const TAG_BYTES = 16;
const MAX_RECORDS = 1 << 16;

/** A record is not what it must be; the link ends. */
export class CourierError extends Error {
  name = 'CourierError';
}

/** @type {Readonly<Record<FromPhone['type'], readonly string[]>>} */
const SENT = Object.freeze({
  keySet: ['data'],
  bulletin: ['data'],
  receipt: ['data'],
  time: ['data'],
  fetch: ['first'],
  end: [],
});

const integer = (/** @type {Value} */ value) => typeof value === 'number' && value >= 0;
const bytes = (/** @type {Value} */ value) => value instanceof Uint8Array;
const integerOrNull = (/** @type {Value} */ value) => value === null || integer(value);

/** @type {Readonly<Record<FromLock['type'], Readonly<Record<string, (value: Value) => boolean>>>>} */
const READ = Object.freeze({
  status: {
    mark: integer,
    estimate: integer,
    keySet: integer,
    epoch: integer,
    bulletin: integer,
    nextNumber: integer,
    acknowledged: integer,
    battery: integerOrNull,
    nonce: bytes,
  },
  outcome: { intent: integer, result: integer, number: integer, head: bytes },
  applied: { record: integer, result: integer },
  batch: { data: bytes },
  noMore: {},
});

/** The phone's end of the record layer; seals what it sends and opens what it receives. */
export class Courier {
  #sealing;
  #opening;

  /** @param {Direction} sealing @param {Direction} opening */
  constructor(sealing, opening) {
    this.#sealing = sealing;
    this.#opening = opening;
  }

  /** @param {Exporter} exporter @returns {Promise<Courier>} */
  static async of(exporter) {
    return new Courier(
      await Direction.of(exporter, PHONE_TO_LOCK),
      await Direction.of(exporter, LOCK_TO_PHONE),
    );
  }

  /** The next record of this end, ready to be framed; CourierError if it is too long.
   * @param {FromPhone} record @returns {Promise<Bytes>} */
  async seal(record) {
    const values = SENT[record.type].map(
      (name) => /** @type {Record<string, Encodable>} */ (record)[name],
    );
    const plain = concat(...[Type[record.type], ...values].map((value) => encode(value)));
    if (plain.length + TAG_BYTES > MAX_RECORD) {
      throw new CourierError(`a record has at most ${MAX_RECORD} bytes: send less at a time`);
    }
    return this.#sealing.aead.seal(this.#sealing.nonce(), plain, EMPTY);
  }

  /** The next record of the other end; CourierError.
   * @param {Bytes} data @returns {Promise<FromLock>} */
  async open(data) {
    if (data.length > MAX_RECORD) throw new CourierError('a record that is too long');
    const nonce = this.#opening.nonce();
    try {
      return read(decodeSequence(await this.#opening.aead.unseal(nonce, data, EMPTY)));
    } catch (error) {
      if (error instanceof EdhocError || error instanceof CborError) {
        throw new CourierError('a record that does not open');
      }
      throw error;
    }
  }
}

/** Key, IV and counter of one direction. */
class Direction {
  #iv;
  #next = 0;

  /** @param {AesCcm} aead @param {Bytes} iv */
  constructor(aead, iv) {
    this.aead = aead;
    this.#iv = iv;
  }

  /** @param {Exporter} exporter @param {number} label @returns {Promise<Direction>} */
  static async of(exporter, label) {
    const material = await exporter(label, EMPTY, KEY_BYTES + NONCE_BYTES);
    const aead = await AesCcm.of(material.slice(0, KEY_BYTES), TAG_BYTES);
    return new Direction(aead, material.slice(KEY_BYTES));
  }

  /** The nonce of the next record: the IV xor its number, right-aligned. @returns {Bytes} */
  nonce() {
    if (this.#next >= MAX_RECORDS) throw new CourierError('too many records in one session');
    const nonce = this.#iv.slice();
    nonce[NONCE_BYTES - 2] ^= this.#next >> 8;
    nonce[NONCE_BYTES - 1] ^= this.#next & 0xff;
    this.#next += 1;
    return nonce;
  }
}

/** A record from its items, each of its one kind. @param {Value[]} items @returns {FromLock} */
function read([number, ...values]) {
  const found = Object.entries(READ).find(
    ([type]) => Type[/** @type {FromLock['type']} */ (type)] === number,
  );
  if (!found) throw new CourierError('a record of unknown type');
  const [type, expected] = found;
  const kinds = Object.entries(expected);
  if (kinds.length !== values.length) {
    throw new CourierError('a record with too few or too many fields');
  }
  if (!kinds.every(([, isKind], at) => isKind(values[at]))) {
    throw new CourierError('a record with a field of the wrong kind');
  }
  const pairs = kinds.map(([name], at) => [name, values[at]]);
  return /** @type {FromLock} */ (Object.freeze({ type, ...Object.fromEntries(pairs) }));
}

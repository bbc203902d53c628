/**
 * An opening, the phone's side, without I/O (docs/protocol.md, 6).
 *
 * House rules: each step returns the next one, so nothing can be done out of order; nothing is
 * said about the phone before the lock has proven itself.
 *
 *     PhoneOpening.message1 → AwaitingLock.message2 → LockProven.message3
 *     → AwaitingDecision.message4
 */

import { EMPTY, toHex } from '../base/bytes.js';
import { CborError, decodeSequence } from '../base/cbor.js';
import * as edhoc from '../edhoc/index.js';
import { Courier } from './courier.js';
import { reasonOf } from './reasons.js';

/** @import { Bytes } from '../base/bytes.js' */
/** What a phone must know of a door: installation (8), lock key x (32), radio key (16).
 * @typedef {{readonly installation: Bytes, readonly lockKey: Bytes, readonly radioKey: Bytes}} DoorRecord */
/** The lock's answer: a `Reason`, the journal entry that stands for it, and the head there (8).
 * @typedef {{readonly reason: number, readonly number: number, readonly head: Bytes}} Decision */
/** Signed objects for a lock that may lack them.
 * @typedef {{keySet?: Bytes | null, bulletin?: Bytes | null}} Carried */
/** The phone's long-term key: a pair, or the private half with the x of the public one.
 * @typedef {CryptoKeyPair | {readonly privateKey: CryptoKey, readonly x: Bytes}} PhoneKey */

const COMMAND = 32768;
const KEY_SET = 32769;
const BULLETIN = 32770;
const DECISION = 32771;
const LOCK_KID = Uint8Array.of(0);
const C_I = Uint8Array.of(0);
const HEAD_BYTES = 8;

/** The other side has not proven what it must; the text is for our own diagnostics. */
export class NotAcceptedError extends Error {
  name = 'NotAcceptedError';
}

/** A phone at one door with one grant. */
export class PhoneOpening {
  #door;
  #key;
  #grant;

  /** @param {DoorRecord} door @param {PhoneKey} key @param {Bytes} grant */
  constructor(door, key, grant) {
    this.#door = door;
    this.#key = key;
    this.#grant = grant;
  }

  /** Message 1: it says nothing about phone or door. `ephemeral` is for tests alone.
   * @param {{ephemeral?: CryptoKeyPair}} [options]
   * @returns {Promise<{message1: Bytes, awaitingLock: AwaitingLock}>} */
  async message1({ ephemeral } = {}) {
    const staticKey = await edhoc.staticKey(this.#key);
    const credential = edhoc.credential(edhoc.kcwt(this.#grant), this.#grant, staticKey.x);
    const initiator = new edhoc.Initiator({ staticKey, credential });
    const { message1, awaitingMessage2 } = await initiator.message1({ cI: C_I, ephemeral });
    return { message1, awaitingLock: new AwaitingLock(this.#door, awaitingMessage2) };
  }
}

/** A phone that has sent message 1. */
export class AwaitingLock {
  #door;
  #state;

  /** @param {DoorRecord} door @param {edhoc.AwaitingMessage2} state */
  constructor(door, state) {
    this.#door = door;
    this.#state = state;
  }

  /** Check that this is the lock of the door record; NotAcceptedError.
   * @param {Uint8Array} data @returns {Promise<LockProven>} */
  async message2(data) {
    raiseIfRefused(data);
    const { installation, lockKey } = this.#door;
    const names = { kid: LOCK_KID, subject: toHex(installation) };
    return accepting('not the lock of this door', async () => {
      const received = await this.#state.message2(data);
      return new LockProven(await received.verify(edhoc.ccsCredential(lockKey, names)));
    });
  }
}

/** A phone that knows it speaks with its lock, and has said nothing of itself. */
export class LockProven {
  #state;

  /** @param {edhoc.ReadyForMessage3} state */
  constructor(state) {
    this.#state = state;
  }

  /** Show the grant and say what is wanted, a `Command`, with what the lock may lack.
   * @param {number} command @param {Carried} [carried]
   * @returns {Promise<{message3: Bytes, awaitingDecision: AwaitingDecision}>} */
  async message3(command, { keySet = null, bulletin = null } = {}) {
    const items = [{ label: COMMAND, value: Uint8Array.of(command), critical: true }];
    if (keySet !== null) items.push({ label: KEY_SET, value: keySet, critical: false });
    if (bulletin !== null) items.push({ label: BULLETIN, value: bulletin, critical: false });
    const { message3, awaitingMessage4 } = await this.#state.message3(items);
    return { message3, awaitingDecision: new AwaitingDecision(awaitingMessage4) };
  }
}

/** A phone that has shown its grant. */
export class AwaitingDecision {
  #state;

  /** @param {edhoc.AwaitingMessage4} state */
  constructor(state) {
    this.#state = state;
  }

  /** The lock's decision and the record layer behind it; NotAcceptedError.
   * @param {Uint8Array} data @returns {Promise<{decision: Decision, courier: Courier}>} */
  async message4(data) {
    raiseIfRefused(data);
    const done = await accepting('no answer of this lock', () =>
      this.#state.message4(data, [DECISION]),
    );
    if (done.ead4.length !== 1) throw new NotAcceptedError('not one decision in message 4');
    const decision = readDecision(done.ead4[0].value ?? EMPTY);
    const exporter = done.exporter.bind(done);
    return { decision, courier: await Courier.of(exporter) };
  }
}

/** What `step` gives, its EdhocError as a NotAcceptedError.
 * @template T @param {string} what @param {() => Promise<T>} step @returns {Promise<T>} */
async function accepting(what, step) {
  try {
    return await step();
  } catch (error) {
    if (error instanceof edhoc.EdhocError) throw new NotAcceptedError(`${what}: ${error.message}`);
    throw error;
  }
}

/** @param {Uint8Array} data */
function raiseIfRefused(data) {
  if (edhoc.readError(data) !== null) throw new NotAcceptedError('the lock refused');
}

/** @param {Bytes} value @returns {Decision} */
function readDecision(value) {
  const [reason, number, head, ...more] = sequence(value);
  if (
    typeof reason !== 'number' ||
    typeof number !== 'number' ||
    !(head instanceof Uint8Array) ||
    reason < 0 ||
    number < 0 ||
    head.length !== HEAD_BYTES ||
    more.length > 0
  ) {
    throw new NotAcceptedError("the lock's answer is malformed");
  }
  return Object.freeze({ reason: reasonOf(reason), number, head });
}

/** @param {Bytes} value */
function sequence(value) {
  try {
    return decodeSequence(value);
  } catch (error) {
    if (error instanceof CborError) throw new NotAcceptedError("the lock's answer is malformed");
    throw error;
  }
}

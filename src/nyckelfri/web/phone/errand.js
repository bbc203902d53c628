/**
 * The courier at the phone's end: news for the lock, its journal for the server (protocol.md, 9).
 *
 * House rules: every batch is kept before the next is asked for; it may stop at any byte, and then
 * nothing is lost. Nothing here can make an opening fail that has happened. Each wait has an end,
 * and the whole errand ends well before the lock's own limit for a link.
 */

import { isNewer } from '../door/bulletin.js';
import { CourierError, Mark, MAX_RECORD, MotorResult, Taken, Type } from '../door/courier.js';
import { claimedBatch, MAX_BATCH } from '../door/receipts.js';
import { LinkError } from '../radio/port.js';
import { StoreError } from './store.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Courier, FromLock, FromPhone, Outcome, Status } from '../door/courier.js' */
/** @import { Link } from './opening.js' */
/** @import { Progress } from './steps.js' */
/** @import { Trusted } from './values.js' */

/** Milliseconds for a whole errand; a lock ends a link after 30 s. */
export const WHOLE = 20_000;
export const ANSWER_WITHIN = 5_000;
export const OUTCOME_WITHIN = 10_000;
export const TIME_WITHIN = 3_000;
/** Seconds by which a lock's set clock may differ before the server is asked for the time. */
export const FAR_OFF = 60;
export const MAX_BATCHES = 64;

/** What the phone brings to one lock, and from where it wants the journal.
 *
 * `carried` is the newest entry already fetched by this phone; `wanted` the first entry the server
 * misses; `now` Unix seconds, server-corrected.
 * @typedef {{trusted: Trusted, receipt: {number: number, data: Bytes} | null, carried: number,
 *   wanted: number | null, now: number}} Load */

/** What became of an errand; it tells as much as was reached. `delivered` holds a `Taken` by name;
 * `whole`: the journal was fetched to its end.
 * @typedef {object} Result
 * @property {Status | null} status
 * @property {Outcome | null} outcome
 * @property {Record<string, number>} delivered
 * @property {number} carried
 * @property {number} batches
 * @property {boolean} whole
 * @property {boolean} complete
 * @property {string} stopped */

/** @param {Record<string, number>} numbers @returns {(number: number) => string | undefined} */
const namer = (numbers) => (number) =>
  Object.keys(numbers).find((name) => numbers[name] === number);
const nameOfResult = namer(MotorResult);
const nameOfMark = namer(Mark);
const nameOfTaken = namer(Taken);

/** One courier session. */
export class Errand {
  #link;
  #courier;
  #progress;
  #askTime;
  #keep;
  #ends = new AbortController();
  /** @type {Result} */
  #result = {
    status: null,
    outcome: null,
    delivered: {},
    carried: 0,
    batches: 0,
    whole: false,
    complete: false,
    stopped: '',
  };

  /** `askTime` gives a time token for a nonce, or null, and never rejects; `keep` stores a batch.
   * @param {Link} link @param {Courier} courier @param {Progress} progress
   * @param {{askTime: (nonce: Bytes, signal: AbortSignal) => Promise<Bytes | null>,
   *   keep: (batch: Bytes) => Promise<void>}} edge */
  constructor(link, courier, progress, { askTime, keep }) {
    this.#link = link;
    this.#courier = courier;
    this.#progress = progress;
    this.#askTime = askTime;
    this.#keep = keep;
  }

  /** Deliver, wait for the motor if it `moves`, fetch if allowed. Raises nothing of a link.
   * @param {Load} load @param {{moves: boolean, fetches: boolean}} may @returns {Promise<Result>} */
  async run(load, { moves, fetches }) {
    const result = this.#result;
    result.carried = load.carried;
    const timer = setTimeout(() => this.#ends.abort(), WHOLE);
    try {
      await this.#run(load, moves, fetches);
      await this.#send({ type: 'end' });
      result.complete = true;
    } catch (error) {
      const expected = [LinkError, CourierError, StoreError].some((kind) => error instanceof kind);
      if (!expected) throw error;
      result.stopped = this.#ends.signal.aborted
        ? `the errand took over ${WHOLE} ms`
        : /** @type {Error} */ (error).message;
    } finally {
      clearTimeout(timer);
      this.#ends.abort();
    }
    return result;
  }

  /** @param {Load} load @param {boolean} moves @param {boolean} fetches */
  async #run(load, moves, fetches) {
    const status = await this.#expect('status');
    this.#result.status = status;
    this.#progress.tell('status', {
      battery: status.battery,
      mark: nameOfMark(status.mark) ?? 'unknown',
      offBy: status.estimate - load.now,
    });
    const time = this.#token(status, load.now);
    await this.#deliver(load, status);
    if (moves) await this.#outcome();
    const token = await time;
    if (token) await this.#offer('time', token);
    if (fetches) await this.#fetch(load, status);
  }

  // Delivering.

  /** @param {Load} load @param {Status} status */
  async #deliver({ trusted, receipt }, status) {
    const { keySet, signedKeySet, bulletin, signedBulletin } = trusted;
    if (keySet && signedKeySet && keySet.number > status.keySet) {
      await this.#offer('keySet', signedKeySet);
    }
    if (bulletin && signedBulletin) {
      const held = { epoch: status.epoch, issued: status.bulletin };
      const older = isNewer(held, bulletin);
      // Where the clock is lost, an equal one counts too: it is the time that is wanted.
      if (isNewer(bulletin, held) || (status.mark === Mark.lost && !older)) {
        await this.#offer('bulletin', signedBulletin);
      }
    }
    if (receipt && receipt.number > status.acknowledged) await this.#offer('receipt', receipt.data);
  }

  /** @param {'keySet' | 'bulletin' | 'receipt' | 'time'} type @param {Bytes} data */
  async #offer(type, data) {
    await this.#send({ type, data });
    const answer = await this.#expect('applied');
    if (answer.record !== Type[type]) {
      throw new CourierError('the lock answered for another record');
    }
    const taken = nameOfTaken(answer.result) ? answer.result : Taken.refused;
    this.#result.delivered[type] = taken;
    this.#progress.tell('delivered', { what: type, taken: nameOfTaken(taken) ?? '' });
  }

  /** A time token for a lock whose clock needs it; null when the server is out of reach.
   * @param {Status} status @param {number} now */
  async #token(status, now) {
    if (status.mark === Mark.set && Math.abs(status.estimate - now) <= FAR_OFF) return null;
    return this.#askTime(status.nonce, this.#ends.signal);
  }

  // The motor.

  async #outcome() {
    if (this.#result.outcome) return;
    let record;
    try {
      record = await this.#receive(OUTCOME_WITHIN);
    } catch (error) {
      if (error instanceof LinkError) return; // jammed, it may take long; the journal will tell
      throw error;
    }
    if (record.type !== 'outcome') {
      throw new CourierError('the lock sent a record that was not asked for');
    }
  }

  // Fetching.

  /** @param {Load} load @param {Status} status */
  async #fetch(load, status) {
    const result = this.#result;
    let first = firstToFetch(load, status);
    for (let round = 0; round < MAX_BATCHES; round += 1) {
      await this.#send({ type: 'fetch', first });
      const answer = await this.#answer();
      if (answer.type === 'noMore') {
        result.whole = true;
        break;
      }
      if (answer.type !== 'batch') throw notAsked();
      if (answer.data.length === 0 || answer.data.length > MAX_BATCH) {
        throw new CourierError('a batch of a size that no server takes');
      }
      await this.#keep(answer.data);
      result.batches += 1;
      const last = lastEntry(answer.data);
      if (last === null || last < first) {
        throw new CourierError('a batch that does not go on where it was asked to');
      }
      result.carried = Math.max(result.carried, last);
      first = last + 1;
    }
    if (result.batches) {
      this.#progress.tell('fetched', { batches: result.batches, until: result.carried });
    }
  }

  // Records.

  /** @param {FromPhone} record */
  async #send(record) {
    await this.#link.send(await this.#courier.seal(record));
  }

  /** @param {number} [within] @returns {Promise<FromLock>} */
  async #receive(within = ANSWER_WITHIN) {
    const data = await this.#link.receive(within, MAX_RECORD, this.#ends.signal);
    const record = await this.#courier.open(data);
    if (record.type === 'outcome') {
      this.#result.outcome = record;
      this.#progress.tell('moved', { result: nameOfResult(record.result) ?? 'unknown' });
    }
    return record;
  }

  /** The next record that is not an outcome; an outcome may come between any two. */
  async #answer() {
    for (;;) {
      const record = await this.#receive();
      if (record.type !== 'outcome') return record;
    }
  }

  /** @template {FromLock['type']} K @param {K} type
   * @returns {Promise<Extract<FromLock, {type: K}>>} */
  async #expect(type) {
    const record = await this.#answer();
    if (record.type !== type) throw notAsked();
    return /** @type {Extract<FromLock, {type: K}>} */ (record);
  }
}

const notAsked = () =>
  new CourierError('the lock answered with another record than it was asked for');

/** Where the phone begins: what the server misses, else what it has not fetched yet.
 * @param {Load} load @param {Status} status */
function firstToFetch({ wanted, carried }, { acknowledged, nextNumber }) {
  if (wanted !== null) return wanted;
  return acknowledged < carried && carried < nextNumber ? carried + 1 : 0;
}

/** The number of the last entry in a batch, as the batch says; the server will verify it.
 * @param {Bytes} batch */
function lastEntry(batch) {
  try {
    return claimedBatch(batch).last;
  } catch {
    return null;
  }
}

/**
 * A visit to a door: find it, ask it, run the courier, and once more where that heals.
 *
 * House rules: the phone never refuses because of its own clock, the lock judges. What the lock
 * answered and every batch are stored at once; where the phone is full, the door opens all the
 * same and the lock's own journal tells. The server is asked for the time only after the lock has
 * answered, and never waited for long.
 */

import { fromBase64url, toBase64url, toHex } from '../base/bytes.js';
import { payloads } from '../door/advert.js';
import { Taken } from '../door/courier.js';
import { MAX_TIME } from '../door/fields.js';
import { Command } from '../door/grants.js';
import { NotAcceptedError } from '../door/opening.js';
import { healsAtTheDoor, Reason } from '../door/reasons.js';
import { FramedLink } from '../radio/link.js';
import { LinkError } from '../radio/port.js';
import { asPhone, phoneKey } from './account.js';
import { BlockedError } from './client.js';
import { Errand, TIME_WITHIN } from './errand.js';
import { Known } from './known.js';
import { Luggage } from './luggage.js';
import { askLock, StrangerError } from './opening.js';
import { Outbox } from './outbox.js';
import { get } from './reading.js';
import { Progress } from './steps.js';
import { StoreError, StoreFullError } from './store.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Carried, Decision } from '../door/opening.js' */
/** @import { Device, Radio, Stream } from '../radio/port.js' */
/** @import { Book } from './book.js' */
/** @import { Client } from './client.js' */
/** @import { Result } from './errand.js' */
/** @import { Ask, Link } from './opening.js' */
/** @import { Step } from './steps.js' */
/** @import { Store } from './store.js' */
/** @import { Door, HeldGrant } from './values.js' */

/** What came of a visit. Without a `reason` no lock was found, or the link was lost.
 * @typedef {object} Visit
 * @property {string} installation
 * @property {number} command
 * @property {number | null} reason   a `Reason`
 * @property {number | null} number   of the journal entry that stands for it
 * @property {number} milliseconds   until the lock had answered
 * @property {Result | null} errand   its `outcome` says what the motor did
 * @property {number} tries
 * @property {'' | 'noLock' | 'lost'} trouble   `noLock`: choose it anew, with a tap
 * @property {string} why   for diagnostics
 * @property {boolean} unsaved   the phone was full: the lock's journal alone tells of this */

/** Visits doors with what one phone holds. */
export class Visitor {
  #store;
  #book;
  #radio;
  #client;
  #clock;
  #report;
  #link;
  #known;
  #luggage;
  #outbox;
  /** @type {BlockedError | null} */
  #blocked = null;

  /** `clock`: own Unix seconds; `client`: null where the server is not to be asked for the time.
   * @param {{store: Store, book: Book, radio: Radio, client?: Client | null,
   *   clock: () => number, report?: (step: Step) => void, link?: (stream: Stream) => Link}} with_ */
  constructor(with_) {
    this.#store = with_.store;
    this.#book = with_.book;
    this.#radio = with_.radio;
    this.#client = with_.client ?? null;
    this.#clock = with_.clock;
    this.#report = with_.report ?? (() => {});
    this.#link = with_.link ?? ((stream) => new FramedLink(stream));
    this.#known = new Known(this.#store);
    this.#luggage = new Luggage(this.#known, this.#book);
    this.#outbox = new Outbox(this.#store);
  }

  /** Server-corrected Unix seconds. */
  async now() {
    return this.#clock() + (await this.#store.offset());
  }

  /** The lock of a door that is known already, without a tap; null where it must be chosen.
   * @param {Door} door @returns {Promise<Device | null>} */
  async known(door) {
    return this.#radio.known(await this.#payloads(door));
  }

  /** Let the person choose the lock of a door; needs a tap. `wide` offers every lock near by, for
   * a phone or a lock whose clock is wrong. ChooserCancelled, RadioError.
   * @param {Door} door @param {{wide?: boolean, signal?: AbortSignal}} [how]
   * @returns {Promise<Device>} */
  async choose(door, how) {
    return this.#radio.choose(await this.#payloads(door), how);
  }

  /** Unlock, lock or service one door, whose `device` the person has chosen or is known.
   *
   * Raises NoGrantError before anything is sent, and BlockedError having destroyed everything.
   * @param {Door} door @param {number} command a `Command`
   * @param {{device?: Device | null, signal?: AbortSignal}} [how] @returns {Promise<Visit>} */
  async command(door, command, { device = null, signal } = {}) {
    const progress = new Progress(this.#report);
    progress.tell('searching');
    let grant = await this.#luggage.grant(door, command, await this.now());
    const key = await phoneKey(this.#store);
    /** @type {Visit} */
    let visit = {
      installation: door.installation,
      command,
      reason: null,
      number: null,
      milliseconds: 0,
      errand: null,
      tries: 0,
      trouble: '',
      why: '',
      unsaved: false,
    };
    /** @type {Carried} */
    let carried = {};
    let other;
    let [mayRelink, mayHeal] = [true, true];
    let mayChoose = 2; // the lock's clock may have been wrong too, and set right meanwhile
    let found = device ?? (await this.known(door));
    if (!found) return { ...visit, trouble: 'noLock' };
    for (;;) {
      progress.tell('found');
      const ask = { door: door.record, command, grant, key, carried };
      const next = { ...visit, tries: visit.tries + 1, errand: null };
      visit = await this.#once(next, found, ask, progress, signal);
      if (visit.reason === null && mayRelink && !signal?.aborted) {
        mayRelink = false;
      } else if (mayChoose > 0 && (other = await this.#byItsClock(door, grant, visit))) {
        mayChoose -= 1;
        grant = other;
      } else if (mayHeal && (await this.#heals(visit, carried))) {
        mayHeal = false;
        if (!hasDelivered(visit)) carried = await this.#luggage.everything();
      } else {
        return visit;
      }
      found = await this.known(door);
      if (!found) return visit;
      progress.tell('retrying');
    }
  }

  /** Another grant, for the time that the lock has told: ours may be wrong.
   * @param {Door} door @param {HeldGrant} grant @param {Visit} visit */
  async #byItsClock(door, grant, { reason, errand, command }) {
    if (!errand?.status || !ofAnotherTime(reason)) return null;
    const other = await this.#luggage.grant(door, command, errand.status.estimate);
    return other.serial === grant.serial ? null : other;
  }

  /** Whether asking again may give another answer. @param {Visit} visit @param {Carried} carried */
  async #heals({ reason, errand }, carried) {
    if (ofAnotherTime(reason) && errand && wasSetRight(errand)) return true;
    if (reason === null || !healsAtTheDoor(reason)) return false;
    if (errand?.complete) return hasDelivered({ errand });
    const all = await this.#luggage.everything();
    return carried.keySet !== all.keySet || carried.bulletin !== all.bulletin;
  }

  /** @param {Door} door */
  async #payloads(door) {
    return payloads(door.record.radioKey, await this.now());
  }

  // One link.

  /** One link from connecting to its end; an answer that was heard is never lost.
   * @param {Visit} visit @param {Device} device @param {Ask} ask @param {Progress} progress
   * @param {AbortSignal} [signal] @returns {Promise<Visit>} */
  async #once(visit, device, ask, progress, signal) {
    let link;
    try {
      link = this.#link(await this.#radio.connect(device, { signal }));
    } catch (error) {
      return lost(visit, error);
    }
    progress.tell('connected');
    let came = visit;
    try {
      const { decision, courier } = await askLock(link, ask, progress, async (answer) => {
        came = { ...came, unsaved: !(await this.#onDecision(visit.installation, ask, answer)) };
      });
      const { reason, number } = decision;
      came = { ...came, reason, number, milliseconds: progress.milliseconds, trouble: '', why: '' };
      const granted = reason === Reason.granted;
      const errand = new Errand(link, courier, progress, {
        askTime: (nonce, ends) => this.#askTime(visit.installation, nonce, ends),
        keep: (batch) => this.#keepBatch(batch),
      });
      const load = await this.#luggage.load(visit.installation, await this.now());
      const fetches = granted && !came.unsaved && !(await this.#outbox.full());
      came = { ...came, errand: await errand.run(load, { moves: granted, fetches }) };
    } catch (error) {
      if (error instanceof StrangerError) this.#radio.forget(device);
      if (error instanceof NotAcceptedError) {
        came = { ...came, reason: Reason.notAccepted, trouble: '', why: error.message };
      } else if (error instanceof StoreError && came.reason !== null) {
        came = { ...came, why: error.message }; // the lock has answered all the same
      } else {
        came = lost(came, error);
      }
    } finally {
      await link.close();
    }
    if (this.#blocked) throw this.#blocked;
    if (came.errand) await this.#remember(visit.installation, came.errand);
    progress.tell('ended');
    return came;
  }

  /** What the lock has answered, on stable storage before anything else; false where it is full.
   * @param {string} installation @param {Ask} ask @param {Decision} decision */
  async #onDecision(installation, { grant, command }, { reason, number, head }) {
    const { serial } = grant;
    try {
      const phoneTime = await this.now();
      await this.#outbox.keepOpening({
        id: crypto.randomUUID(),
        installation,
        serial,
        command,
        reason,
        number: number <= MAX_TIME ? number : 0,
        head: toHex(head),
        phoneTime,
      });
      if (reason === Reason.granted && command === Command.unlock) {
        await this.#book.keepStay({ installation, serial, opened: phoneTime, locked: null });
      }
    } catch (error) {
      if (error instanceof StoreError) return false;
      throw error;
    }
    return true;
  }

  /** @param {string} installation @param {Result} errand */
  async #remember(installation, errand) {
    try {
      await this.#luggage.remember(installation, errand);
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error; // it would only have spared messages
    }
  }

  /** @param {Bytes} batch */
  async #keepBatch(batch) {
    if (!this.#blocked) await this.#outbox.keepBatch(batch, await this.now());
  }

  /** @param {string} installation @param {Bytes} nonce @param {AbortSignal} signal
   * @returns {Promise<Bytes | null>} */
  async #askTime(installation, nonce, signal) {
    if (!this.#client) return null;
    try {
      const client = await asPhone(this.#store, this.#client);
      const body = { installation, nonce: toBase64url(nonce) };
      const answer = await client.call('time', body, { timeout: TIME_WITHIN, signal });
      return fromBase64url(get(answer, 'token', 'string'));
    } catch (error) {
      if (error instanceof BlockedError) {
        this.#blocked = error;
        await this.#store.destroy({ leaves: 'openings' });
      }
      return null;
    }
  }
}

/** @param {Visit} visit @param {unknown} error @returns {Visit} */
function lost(visit, error) {
  if (!(error instanceof LinkError)) throw error;
  return { ...visit, reason: null, trouble: 'lost', why: error.message };
}

/** Whether a refusal may mean that a grant of another day was shown. @param {number | null} reason */
const ofAnotherTime = (reason) => reason === Reason.expired || reason === Reason.notYetValid;

/** Whether the lock has the server's time since it answered. @param {Result} errand */
const wasSetRight = ({ delivered }) => delivered.time === Taken.taken;

/** Whether the lock knows more now than when it answered. @param {Pick<Visit, 'errand'>} visit */
const hasDelivered = ({ errand }) =>
  Object.values(errand?.delivered ?? {}).some((taken) => taken === Taken.taken);

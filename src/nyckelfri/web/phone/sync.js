/**
 * One sync: what waits goes up, everything the phone should hold comes down.
 *
 * House rules: a row of the outbox goes only when the server has answered for it, and only after
 * what came down is stored: a sync that is cut short is repeated, and does no harm. A blocked phone
 * destroys what it holds, at once. Without a session what waits still goes home. What the server
 * cannot read never keeps new keys from the phone.
 */

import { toHex } from '../base/bytes.js';
import { thumbprint } from '../door/grants.js';
import { asPhone, phoneKey } from './account.js';
import {
  AnswerError,
  BlockedError,
  OfflineError,
  RefusedError,
  UnknownSessionError,
} from './client.js';
import { Known } from './known.js';
import { KINDS, Outbox } from './outbox.js';
import { StoreFullError } from './store.js';
import { readSync, syncRequest } from './wire.js';

/** @import { Book } from './book.js' */
/** @import { Client } from './client.js' */
/** @import { PhoneKey } from './keys.js' */
/** @import { Kind, Load, Parcel } from './outbox.js' */
/** @import { Store } from './store.js' */
/** @import { Answer } from './wire.js' */

/** What one request holds at most, so that with base64 it stays under the server's 3 MiB. */
export const MOST = {
  batches: 64,
  batchBytes: 1024 * 1024,
  openings: 1_500,
  entries: 500,
  entryBytes: 384 * 1024,
};
/** What a busy server takes in all the same. */
export const SMALL = { ...MOST, batches: 4, openings: 20, entries: 50 };
/** Requests of one sync at most. */
export const MAX_REQUESTS = 64;
const NOT_TAKEN = [400, 413, 422];
const LOCK = 'nyckelfri sync';

/** What a sync did. `withdrawn`: doors whose every grant on this phone has been revoked.
 * @typedef {object} Report
 * @property {{batches: number, openings: number, entries: number}} sent
 * @property {number} kept   came home, and somebody in the office must look
 * @property {number} aside   the server could not read
 * @property {number} refused   brought by the server, and did not hold
 * @property {number} doors
 * @property {number} grants
 * @property {string[]} withdrawn
 * @property {boolean} signedIn
 * @property {boolean} dayChanged
 * @property {number} later   seconds until the server, which is busy, takes in more; 0 if it is not */

/** Syncs one phone, whoever has it: `book` is null while it is locked or nobody's. */
export class Sync {
  #parts;

  /** `clock` gives this phone's own Unix seconds; `locks` keeps two windows from syncing at once.
   * @param {{store: Store, book: Book | null, client: Client, clock: () => number,
   *   locks?: LockManager}} parts */
  constructor({ locks = navigator.locks, ...parts }) {
    this.#parts = { locks, ...parts };
  }

  /** Until nothing waits; one sync after the other. With `little`, one request that a busy server
   * takes in as well.
   *
   * Raises a ServerError, BlockedError having destroyed everything, and StoreError; GoneError when
   * the person has left meanwhile.
   * @param {{little?: boolean}} [how] @returns {Promise<Report>} */
  run({ little = false } = {}) {
    return this.#parts.locks.request(LOCK, () => this.#run(little));
  }

  /** @param {boolean} little */
  async #run(little) {
    const { store, book, client, clock } = this.#parts;
    const phone = await store.phone();
    const session = (await book?.session())?.token ?? null;
    const run = new Run(
      { store, book, known: new Known(store), outbox: new Outbox(store) },
      { phone, key: await phoneKey(store), clock },
      await asPhone(store, client),
      session,
    );
    try {
      const report = await (little ? run.little() : run.all());
      await store.restock();
      return report;
    } catch (error) {
      if (error instanceof BlockedError) await store.destroy({ leaves: 'openings' });
      throw error;
    }
  }
}

/** One sync from its beginning to its end. */
class Run {
  #with;
  #phone;
  #client;
  #session;
  #requests = 0;
  #answered = false;
  /** @type {Report} */
  #report = {
    sent: { batches: 0, openings: 0, entries: 0 },
    kept: 0,
    aside: 0,
    refused: 0,
    doors: 0,
    grants: 0,
    withdrawn: [],
    signedIn: false,
    dayChanged: false,
    later: 0,
  };

  /** @param {{store: Store, known: Known, outbox: Outbox, book: Book | null}} with_
   * @param {{phone: string, key: PhoneKey, clock: () => number}} phone
   * @param {Client} client with the token of this phone
   * @param {string | null} session that of who is signed in */
  constructor(with_, phone, client, session) {
    this.#with = with_;
    this.#phone = phone;
    this.#client = client.as({ session });
    this.#session = session !== null;
  }

  async all() {
    const { outbox } = this.#with;
    for (;;) {
      const before = (await outbox.waiting()).total;
      await this.#send(await outbox.load(MOST, await this.#now()));
      const left = (await outbox.waiting()).total;
      if (this.#report.later || left === 0 || left >= before || this.#requests >= MAX_REQUESTS) {
        return this.#report;
      }
    }
  }

  async little() {
    await this.#send(await this.#with.outbox.load(SMALL, await this.#now()));
    return this.#report;
  }

  /** Server-corrected Unix seconds. */
  async #now() {
    return this.#phone.clock() + (await this.#with.store.offset());
  }

  /** Send a load: by halves where the server cannot take it, and first without it, for the keys.
   * @param {Load} load @returns {Promise<void>} */
  async #send(load) {
    if (this.#requests >= MAX_REQUESTS || this.#report.later) return;
    const before = this.#phone.clock();
    const parcels = flat(load);
    let raw;
    try {
      raw = await this.#call(load);
    } catch (error) {
      if (!parcels.length || !mayBeTheLoad(error)) throw error;
      if (!this.#answered) await this.#send(EMPTY);
      if (parcels.length > 1) {
        const middle = parcels.length >> 1;
        await this.#send(loadOf(parcels.slice(0, middle)));
        await this.#send(loadOf(parcels.slice(middle)));
      } else if (error instanceof RefusedError) {
        const [{ kind, row }] = parcels;
        await this.#with.outbox.setAside(kind, row, await this.#now());
        this.#report.aside += 1;
      }
      return;
    }
    await this.#take(raw, load, before);
    this.#answered = true;
  }

  /** Sync; when the session has run out, once more without it.
   * @param {Load} load @returns {Promise<Record<string, unknown>>} */
  async #call(load) {
    this.#requests += 1;
    const { book } = this.#with;
    const day = this.#session ? ((await book?.day())?.digest ?? '') : null;
    try {
      return await this.#client.call('sync', syncRequest(load, day));
    } catch (error) {
      if (!(error instanceof UnknownSessionError) || !this.#session) throw error;
    }
    this.#client = this.#client.as({ session: null });
    this.#session = false;
    const answer = await this.#client.call('sync', syncRequest(load, null));
    await book?.sessionIsOver();
    return answer;
  }

  /** Store what came down, then let go of what went up.
   * @param {Record<string, unknown>} raw @param {Load} load @param {number} before */
  async #take(raw, load, before) {
    const { known, outbox } = this.#with;
    const { key, clock } = this.#phone;
    const answer = await readSync(raw, await known.trusted(), key.x);
    const { batches, openings, entries } = answer.results;
    if (batches.length !== load.batches.length && (batches.length || !answer.later)) {
      throw new AnswerError('the server did not answer for every batch: try again later');
    }
    this.#report.later = answer.later;
    await this.#checkOwn(answer);
    const offset = answer.serverTime - Math.floor((before + clock()) / 2);
    const done = {
      batches: batches.length ? load.batches.map(({ row }) => row) : [],
      openings: load.openings.filter(({ id }) => openings.has(id)).map(({ row }) => row),
      entries: load.entries.filter(({ id }) => entries.has(id)).map(({ row }) => row),
    };
    try {
      await this.#keep(answer, offset);
    } catch (error) {
      if (!(error instanceof StoreFullError)) throw error;
      await outbox.tickOff(done); // makes room
      await this.#keep(answer, offset);
    }
    await outbox.tickOff(done);
    for (const kind of KINDS) this.#report.sent[kind] += done[kind].length;
    const statuses = [...batches, ...entries.values()];
    this.#report.kept += statuses.filter((status) => status === 'kept').length;
    this.#report.refused += answer.refused;
    this.#report.signedIn = this.#session;
  }

  /** @param {Answer} answer @param {number} offset */
  async #keep(answer, offset) {
    const { known, book } = this.#with;
    await known.keep(answer, { offset, phone: this.#phone.phone });
    if (!this.#session) return;
    await book?.replaceAccess(answer.doors, answer.grants, answer.serverTime, answer.day);
    await this.#noteAccess(answer);
  }

  /** A bulletin that names this phone is as good as the server's word. @param {Answer} answer */
  async #checkOwn({ trusted: { bulletin } }) {
    const own = toHex(await thumbprint(this.#phone.key.x));
    if (bulletin?.phones.some((phone) => toHex(phone) === own)) {
      throw new BlockedError(
        403,
        'phone_blocked',
        'this phone is blocked: hand it to your manager',
      );
    }
  }

  /** @param {Answer} answer */
  async #noteAccess({ trusted: { bulletin }, day }) {
    const held = (await this.#with.book?.grants()) ?? [];
    const revoked = new Set(bulletin?.serials.map(toHex));
    const open = new Set(
      held.filter(({ serial }) => !revoked.has(serial)).map(({ installation }) => installation),
    );
    const all = new Set(held.map(({ installation }) => installation));
    this.#report.withdrawn = [...all].filter((installation) => !open.has(installation));
    this.#report.doors = open.size;
    this.#report.grants = held.length;
    this.#report.dayChanged ||= day !== null;
  }
}

/** Whether the server may take the next request, without this load. @param {unknown} error */
const mayBeTheLoad = (error) =>
  (error instanceof RefusedError && NOT_TAKEN.includes(error.status)) ||
  (error instanceof OfflineError && error.status === 500);

/** @type {Load} */
const EMPTY = { batches: [], openings: [], entries: [] };

/** Each parcel of a load, with its kind.
 * @param {Load} load @returns {({kind: Kind} & Parcel<any>)[]} */
const flat = (load) => KINDS.flatMap((kind) => load[kind].map((parcel) => ({ kind, ...parcel })));

/** @param {({kind: Kind} & Parcel<any>)[]} parcels @returns {Load} */
function loadOf(parcels) {
  const of = (/** @type {Kind} */ wanted) => parcels.filter(({ kind }) => kind === wanted);
  return { batches: of('batches'), openings: of('openings'), entries: of('entries') };
}

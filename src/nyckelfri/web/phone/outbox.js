/**
 * What waits on the phone for the server: entries, opening records, journal batches.
 *
 * House rules: a row is on stable storage before anything else happens, and goes only when the
 * server has said what became of it. What a carer entered is sealed under the phone's own key, so
 * that whoever signs in next carries it home. Opening records and batches name nobody, as in
 * docs/decisions/0010: the one is opaque ids, the other sealed by its lock.
 */

import { toHex, utf8 } from '../base/bytes.js';
import { openJson, sealJson } from './keys.js';
import { GoneError, NotEnrolledError } from './store.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Book } from './book.js' */
/** @import { Store } from './store.js' */
/** @import { Entry, OpeningRecord, SentEntry } from './values.js' */

/** Journal batches on one phone; beyond that it carries no more until it has synced. */
export const MAX_BATCHES = 2_000;
/** Seconds for which a row that the server could not read is left in peace. */
export const ASIDE = 24 * 3600;

/** @typedef {'entries' | 'openings' | 'batches'} Kind */
/** @type {Kind[]} */
export const KINDS = ['entries', 'openings', 'batches'];

/** Something for the server under the row number by which it is ticked off.
 * @template T @typedef {{row: number, id: string, value: T}} Parcel */

/** What goes in one request.
 * @typedef {object} Load
 * @property {Parcel<SentEntry>[]} entries
 * @property {Parcel<OpeningRecord>[]} openings
 * @property {Parcel<Bytes>[]} batches */

/** How much waits, since when the oldest (Unix seconds, null when nothing does), how much of it the
 * server has not been able to read, and whether the phone is full.
 * @typedef {{entries: number, openings: number, batches: number, total: number,
 *   since: number | null, aside: number, full: boolean}} Waiting */

/** The waiting rows of one phone. */
export class Outbox {
  #store;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** How much waits, for the badge. @returns {Promise<Waiting>} */
  waiting() {
    return this.#store.read([...KINDS, 'reserve'], async (rows) => {
      const of = (/** @type {Kind} */ kind) =>
        Promise.all([rows.count(kind), rows.count(kind, 'aside'), rows.all(kind, 1)]);
      const [reserve, ...each] = await Promise.all([rows.count('reserve'), ...KINDS.map(of)]);
      const found = { entries: 0, openings: 0, batches: 0, total: 0, aside: 0 };
      /** @type {number[]} */
      const since = [];
      each.forEach(([count, aside, oldest], at) => {
        found[KINDS[at]] = count;
        found.total += count;
        found.aside += aside;
        since.push(...oldest.map((row) => row.since));
      });
      return { ...found, since: since.length ? Math.min(...since) : null, full: reserve === 0 };
    });
  }

  /** Whether no more journal should be fetched before a sync. @returns {Promise<boolean>} */
  async full() {
    return (await this.#store.read(['batches'], (rows) => rows.count('batches'))) >= MAX_BATCHES;
  }

  /** Keep what a carer has entered, for the server and for the day of who is signed in.
   *
   * Raises StoreFullError, and GoneError where nobody is signed in any more.
   * @param {Entry} entry @param {Book} book */
  async keepEntry(entry, book) {
    const session = await book.session();
    if (!session) throw new GoneError();
    const said = { ...entry, employee: session.number };
    const sealed = await sealJson(await this.#sealKey(), `entry ${entry.id}`, said);
    const fact = await book.fact(entry);
    await book.change(['entries', 'facts'], [], async (rows) => {
      await rows.addOnce('entries', { id: entry.id, since: entry.at, sealed });
      await rows.addOnce('facts', fact);
    });
  }

  /** Keep what a lock answered. @param {OpeningRecord} record */
  async keepOpening(record) {
    const row = { id: record.id, since: record.phoneTime, value: record };
    await this.#store.change(['openings'], (rows) => rows.addOnce('openings', row));
  }

  /** Keep a journal batch. @param {Bytes} data @param {number} now */
  async keepBatch(data, now) {
    const id = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', data)));
    const row = { id, since: now, value: data };
    // No must: the lock has it still.
    await this.#store.change(['batches'], (rows) => rows.addOnce('batches', row), { must: false });
  }

  /** The oldest of each kind, as much as one request holds; what is aside waits its day.
   * @param {{entries: number, entryBytes: number, openings: number, batches: number,
   *   batchBytes: number}} most @param {number} now @returns {Promise<Load>} */
  async load(most, now) {
    const found = await this.#store.read(KINDS, async (rows) => {
      const oldest = async (/** @type {Kind} */ kind) => {
        const some = await rows.all(kind, most[kind] + (await rows.count(kind, 'aside')));
        return some.filter(({ aside = -Infinity }) => now - aside >= ASIDE).slice(0, most[kind]);
      };
      return {
        entries: await oldest('entries'),
        openings: await oldest('openings'),
        batches: await oldest('batches'),
      };
    });
    const key = found.entries.length ? await this.#sealKey() : null;
    const entries = await Promise.all(
      found.entries.map(async ({ row, id, sealed }) => ({
        row,
        id,
        value: await openJson(/** @type {CryptoKey} */ (key), `entry ${id}`, sealed),
      })),
    );
    return {
      entries: within(entries, most.entryBytes, (value) => utf8(JSON.stringify(value)).length),
      openings: found.openings,
      batches: within(found.batches, most.batchBytes, (value) => value.length),
    };
  }

  /** The server has answered for these. @param {Record<Kind, number[]>} rows by kind */
  async tickOff(rows) {
    await this.#store.change(KINDS, (change) => {
      for (const kind of KINDS) for (const row of rows[kind]) change.delete(kind, row);
    });
  }

  /** The server cannot read this one: it stays, and does not hinder the others.
   * @param {Kind} kind @param {number} row @param {number} now */
  async setAside(kind, row, now) {
    await this.#store.change([kind], async (rows) => {
      const found = await rows.get(kind, row);
      if (found) rows.put(kind, { ...found, aside: now });
    });
  }

  async #sealKey() {
    const key = await this.#store.read(['keys'], (rows) => rows.get('keys', 'seal'));
    if (!key) throw new NotEnrolledError();
    return key;
  }
}

/** As many from the front as have together at most `most` bytes, and at least one.
 * @template T @param {Parcel<T>[]} parcels @param {number} most @param {(value: T) => number} bytes
 */
function within(parcels, most, bytes) {
  let size = 0;
  const end = parcels.findIndex(({ value }, at) => (size += bytes(value)) > most && at > 0);
  return end < 0 ? parcels : parcels.slice(0, end);
}

/**
 * What names people and homes on this phone, sealed under the key that only the PIN gives.
 *
 * House rules: nothing of this reaches the disk in the clear. Everything belongs to who is signed
 * in and goes with them: a change checks in its own transaction that their vault is still the one
 * that is here, so that nothing of one person is kept under the next.
 */

import { fromHex, toHex } from '../base/bytes.js';
import { openJson, sealJson } from './keys.js';
import { GoneError, PERSONAL } from './store.js';
import { STAY } from './values.js';

/** @import { Name, Rows, Store } from './store.js' */
/** @import { Day } from './wireday.js' */
/** @import { Door, Entry, HeldGrant, Session, Stay } from './values.js' */
/** @import { Secrets } from './vault.js' */

/** Seconds for which the phone remembers what was entered, for the day's pages. */
export const REMEMBER = 36 * 3600;

/** What was entered, and whether the server has it. @typedef {Entry & {conveyed: boolean}} Fact */

/** A row to be put, sealed already. @typedef {{name: Name, key: string, value: unknown}} Put */

/** Session, doors, grants, stays and day of the person who is signed in. */
export class Book {
  #store;
  #secrets;
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve();

  /** @param {Store} store @param {Secrets} secrets */
  constructor(store, secrets) {
    this.#store = store;
    this.#secrets = secrets;
  }

  /** Who signed in last, also when that has run out; null without anybody.
   * @returns {Promise<Session | null>} */
  async session() {
    const value = await this.#open('session');
    if (!value) return null;
    return { ...value, salt: fromHex(value.salt), verifier: fromHex(value.verifier) };
  }

  /** Remember who is signed in. @param {Session} session */
  async keepSession(session) {
    await this.change([], [await this.sessionRow(session)]);
  }

  /** The row of `keepSession`. @param {Session} session */
  sessionRow(session) {
    const { salt, verifier } = session;
    const value = { ...session, salt: toHex(salt), verifier: toHex(verifier) };
    return this.#sealed('sealed', 'session', value);
  }

  /** The server no longer knows the session; who it was stays, for locking and signing in. */
  async sessionIsOver() {
    const session = await this.session();
    if (session) await this.keepSession({ ...session, token: null, until: 0 });
  }

  /** The doors the signed-in person may come to, by label. @returns {Promise<Door[]>} */
  async doors() {
    const { doors } = await this.#access();
    return doors.toSorted((left, right) => left.label.localeCompare(right.label, 'sv'));
  }

  /** All grants, or those for one door; the soonest first.
   * @param {string} [installation] @returns {Promise<HeldGrant[]>} */
  async grants(installation) {
    const { grants } = await this.#access();
    return grants
      .filter((grant) => installation === undefined || grant.installation === installation)
      .toSorted((left, right) => left.notBefore - right.notBefore);
  }

  /** Take what a sync brought instead of what was there; a `day` of null is still the held one.
   *
   * A grant that opened a door in the last hours stays with its door, so that its holder can lock
   * behind them; whether it still may, the lock knows.
   * @param {Door[]} doors @param {HeldGrant[]} grants @param {number} now
   * @param {Day | null} [day] */
  replaceAccess(doors, grants, now, day = null) {
    return this.#alone(async () => {
      const [before, stays] = [await this.#access(), await this.stays()];
      const running = stays.filter((stay) => stay.opened >= now - STAY);
      const opened = new Set(running.map((stay) => stay.installation));
      const shown = new Set(running.map((stay) => stay.serial));
      const keptDoors = before.doors.filter((door) => opened.has(door.installation));
      const keptGrants = before.grants.filter((grant) => shown.has(grant.serial));
      const access = {
        doors: byKey('installation', keptDoors, doors),
        grants: byKey('serial', keptGrants, grants),
      };
      const puts = [await this.#sealed('sealed', 'access', accessOut(access))];
      if (day) puts.push(await this.#sealed('sealed', 'day', day));
      await this.change(['stays', 'facts'], puts, async (rows) => {
        for (const stay of stays) {
          if (stay.opened < now - STAY) rows.delete('stays', stay.installation);
        }
        for (const { row, at } of await rows.all('facts')) {
          if (at < now - REMEMBER) rows.delete('facts', row);
        }
      });
    });
  }

  /** This phone's last opening of each door. @returns {Promise<Stay[]>} */
  async stays() {
    const found = await this.#store.read(['stays'], async (rows) => {
      const keys = await rows.keys('stays');
      return Promise.all(keys.map(async (key) => [String(key), await rows.get('stays', key)]));
    });
    return Promise.all(
      found.map(([key, sealed]) => openJson(this.#secrets.dataKey, `stays ${key}`, sealed)),
    );
  }

  /** This phone's last opening of a door. @param {string} installation
   * @returns {Promise<Stay | null>} */
  async stay(installation) {
    return (await this.stays()).find((stay) => stay.installation === installation) ?? null;
  }

  /** Remember which grant opened a door, for locking. @param {Stay} stay */
  keepStay(stay) {
    return this.#alone(() => this.#putStay(stay));
  }

  /** The door has been locked again; its grant still locks. @param {string} installation
   * @param {number} at */
  stayLocked(installation, at) {
    return this.#alone(async () => {
      const stay = await this.stay(installation);
      if (stay) await this.#putStay({ ...stay, locked: at });
    });
  }

  /** The day as the server told it last, null before that. @returns {Promise<Day | null>} */
  day() {
    return this.#open('day');
  }

  /** What was entered here in the last day and a half, oldest first, sent or not.
   * @returns {Promise<Fact[]>} */
  async facts() {
    const found = await this.#store.read(['facts', 'entries'], async (rows) => ({
      facts: await rows.all('facts'),
      waiting: new Set((await rows.all('entries')).map((row) => row.id)),
    }));
    const key = this.#secrets.dataKey;
    const facts = await Promise.all(
      found.facts.map(async ({ id, sealed }) => ({
        ...(await openJson(key, `facts ${id}`, sealed)),
        conveyed: !found.waiting.has(id),
      })),
    );
    return facts.toSorted((left, right) => left.at - right.at);
  }

  /** The row by which an entry is remembered. @param {Entry} entry */
  async fact(entry) {
    const sealed = await sealJson(this.#secrets.dataKey, `facts ${entry.id}`, entry);
    return { id: entry.id, at: entry.at, sealed };
  }

  /** Put these rows, and do `work`, if who is signed in is still the one of this book; GoneError.
   * @param {Name[]} names @param {Put[]} puts @param {(rows: Rows) => unknown} [work] */
  async change(names, puts, work) {
    const all = new Set([...names, ...puts.map((put) => put.name), /** @type {Name} */ ('meta')]);
    await this.#store.change([...all], async (rows) => {
      if ((await rows.get('meta', 'vault'))?.id !== this.#secrets.id) throw new GoneError();
      for (const { name, key, value } of puts) rows.put(name, value, key);
      await work?.(rows);
    });
  }

  /** One after the other: what is read is still so when it is written.
   * @template T @param {() => Promise<T>} work @returns {Promise<T>} */
  #alone(work) {
    const done = this.#turn.then(work, work);
    this.#turn = done.catch(() => {});
    return done;
  }

  /** @returns {Promise<{doors: Door[], grants: HeldGrant[]}>} */
  async #access() {
    const value = await this.#open('access');
    return value ? accessIn(value) : { doors: [], grants: [] };
  }

  /** @param {Stay} stay */
  async #putStay(stay) {
    await this.change(['stays'], [await this.#sealed('stays', stay.installation, stay)]);
  }

  /** @param {Name} name @param {string} key @param {unknown} value @returns {Promise<Put>} */
  async #sealed(name, key, value) {
    const label = name === 'sealed' ? key : `${name} ${key}`;
    return { name, key, value: await sealJson(this.#secrets.dataKey, label, value) };
  }

  /** @param {string} key @returns {Promise<any>} */
  async #open(key) {
    const sealed = await this.#store.read(['sealed'], (rows) => rows.get('sealed', key));
    return sealed ? openJson(this.#secrets.dataKey, key, sealed) : null;
  }
}

/** Everything of the person who was signed in, vault and PIN too, inside a transaction on
 * `meta` and the personal stores. @param {Rows} rows */
export function forgetPerson(rows) {
  for (const name of PERSONAL) rows.clear(name);
  rows.delete('meta', 'vault');
  rows.delete('meta', 'tries');
}

/** All of both lists, the later one's where a key stands in both.
 * @template {Record<string, any>} T @param {string} key @param {T[]} kept @param {T[]} fresh
 * @returns {T[]} */
function byKey(key, kept, fresh) {
  return [...new Map([...kept, ...fresh].map((each) => [each[key], each])).values()];
}

/** @param {{doors: Door[], grants: HeldGrant[]}} access */
const accessOut = ({ doors, grants }) => ({
  doors: doors.map(({ record, ...door }) => ({
    ...door,
    lockKey: toHex(record.lockKey),
    radioKey: toHex(record.radioKey),
  })),
  grants: grants.map((grant) => ({ ...grant, data: toHex(grant.data) })),
});

/** @param {{doors: any[], grants: any[]}} value
 * @returns {{doors: Door[], grants: HeldGrant[]}} */
const accessIn = ({ doors, grants }) => ({
  doors: doors.map(({ lockKey, radioKey, ...door }) => ({
    ...door,
    record: {
      installation: fromHex(door.installation),
      lockKey: fromHex(lockKey),
      radioKey: fromHex(radioKey),
    },
  })),
  grants: grants.map((grant) => ({ ...grant, data: fromHex(grant.data) })),
});

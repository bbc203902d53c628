/**
 * The phone's memory: one database of the browser, one transaction a change.
 *
 * House rules: a change is on stable storage when its promise is kept (durability `strict`), all
 * of it or nothing. What names a person or a home is sealed before it comes here; the rest is
 * opaque ids and signed bytes. What waits for the server is deleted only when it has answered.
 * A full phone still counts a PIN, notes what a lock answered and syncs: some room is held for it.
 *
 * Source: Indexed Database API 3.0.
 */

const NAME = 'nyckelfri';
/** Bytes that are held free on the phone, for when the browser gives no more. */
const RESERVE = 512 * 1024;
const MOST_RANDOM = 65_536;

/** What makes version 1 of the state, and each next version of the one before.
 * @type {((database: IDBDatabase) => void)[]} */
const STEPS = [
  (database) => {
    const byName = ['meta', 'keys', 'sealed', 'stays', 'receipts', 'wanted', 'seen', 'reserve'];
    for (const name of byName) database.createObjectStore(name);
    for (const name of ['facts', 'batches', 'openings', 'entries']) {
      const inOrder = database.createObjectStore(name, { keyPath: 'row', autoIncrement: true });
      inOrder.createIndex('id', 'id', { unique: true });
      inOrder.createIndex('aside', 'aside');
    }
  },
];

/** @typedef {'meta' | 'keys' | 'sealed' | 'stays' | 'facts' | 'receipts' | 'wanted' | 'seen'
 *   | 'batches' | 'openings' | 'entries' | 'reserve'} Name */

/** What one person's sign-in has brought; goes with them. @type {Name[]} */
export const PERSONAL = ['sealed', 'stays', 'facts'];

/** The phone's memory cannot be used; the text says what to do. */
export class StoreError extends Error {
  name = 'StoreError';
}

/** The phone has no room left: nothing of this change was kept. */
export class StoreFullError extends StoreError {
  name = 'StoreFullError';
  constructor() {
    super('the phone is full: nothing was kept; remove pictures or apps, then try again');
  }
}

/** This phone belongs to nobody. */
export class NotEnrolledError extends StoreError {
  name = 'NotEnrolledError';
  constructor() {
    super('this phone is not enrolled: enrol it with a code first');
  }
}

/** The person or phone for whom this was begun is no longer there; nothing was changed. */
export class GoneError extends StoreError {
  name = 'GoneError';
  constructor() {
    super('somebody else has the phone now: nothing was kept');
  }
}

/** The rows of one transaction. Await nothing else while it runs: it would end. */
export class Rows {
  #transaction;

  /** @param {IDBTransaction} transaction */
  constructor(transaction) {
    this.#transaction = transaction;
  }

  /** One row, undefined without it. @param {Name} name @param {IDBValidKey} key
   * @returns {Promise<any>} */
  get(name, key) {
    return answer(this.#transaction.objectStore(name).get(key));
  }

  /** Add a row behind the others, unless one with its id is there.
   * @param {Name} name @param {{id: string} & Record<string, unknown>} value */
  async addOnce(name, value) {
    const store = this.#transaction.objectStore(name);
    if ((await answer(store.index('id').getKey(value.id))) === undefined) this.put(name, value);
  }

  /** The first rows, by key. @param {Name} name @param {number} [most] @returns {Promise<any[]>} */
  all(name, most) {
    return answer(this.#transaction.objectStore(name).getAll(null, most));
  }

  /** All keys. @param {Name} name @returns {Promise<IDBValidKey[]>} */
  keys(name) {
    return answer(this.#transaction.objectStore(name).getAllKeys());
  }

  /** Go on only if this value of `meta` is still the one it was; GoneError.
   * @param {string} name @param {unknown} value */
  async require(name, value) {
    if ((await this.get('meta', name)) !== value) throw new GoneError();
  }

  /** How many rows, or how many of those that have been set aside.
   * @param {Name} name @param {'aside'} [index] @returns {Promise<number>} */
  count(name, index) {
    const store = this.#transaction.objectStore(name);
    return answer((index ? store.index(index) : store).count());
  }

  /** Keep a row instead of the one with its key. @param {Name} name @param {unknown} value
   * @param {IDBValidKey} [key] @returns {Promise<IDBValidKey>} */
  put(name, value, key) {
    return answer(this.#transaction.objectStore(name).put(value, key));
  }

  /** Forget a row. @param {Name} name @param {IDBValidKey} key @returns {Promise<void>} */
  delete(name, key) {
    return answer(this.#transaction.objectStore(name).delete(key));
  }

  /** Forget every row. @param {Name} name @returns {Promise<void>} */
  clear(name) {
    return answer(this.#transaction.objectStore(name).clear());
  }
}

/** The phone's memory, open. */
export class Store {
  #factory;
  #name;
  /** @type {Promise<IDBDatabase> | null} */
  #database = null;

  /** @param {{indexedDB?: IDBFactory, name?: string}} [where] */
  constructor({ indexedDB = globalThis.indexedDB, name = NAME } = {}) {
    this.#factory = indexedDB;
    this.#name = name;
  }

  /** What `work` finds in these stores; StoreError.
   * @template T @param {Name[]} names @param {(rows: Rows) => Promise<T>} work
   * @returns {Promise<T>} */
  async read(names, work) {
    return carryOut(await this.#begin(names, 'readonly'), work);
  }

  /** All that `work` does in these stores is on stable storage when this is kept, or nothing is.
   *
   * On a full phone the room that is held takes it, unless it is no `must`; `work` is then called
   * once more. Raises StoreFullError, StoreError, and whatever `work` throws.
   * @template T @param {Name[]} names @param {(rows: Rows) => Promise<T> | T} work
   * @param {{must?: boolean}} [how] @returns {Promise<T>} */
  async change(names, work, { must = true } = {}) {
    try {
      return await carryOut(await this.#begin(names, 'readwrite'), work);
    } catch (error) {
      if (!(error instanceof StoreFullError && must && (await this.#useReserve()))) throw error;
    }
    return carryOut(await this.#begin(names, 'readwrite'), work);
  }

  /** Hold room for a full phone, where there is any and none is held; whether it is held now. */
  async restock() {
    try {
      return await this.change(['reserve'], restock, { must: false });
    } catch (error) {
      if (error instanceof StoreFullError) return false;
      throw error;
    }
  }

  /** Let go of the room that is held; false where it is gone already. */
  #useReserve() {
    return this.change(
      ['reserve'],
      async (rows) => {
        if ((await rows.count('reserve')) === 0) return false;
        rows.clear('reserve');
        return true;
      },
      { must: false },
    );
  }

  /** The value that was put under this name, undefined if there is none.
   * @param {string} name @returns {Promise<any>} */
  get(name) {
    return this.read(['meta'], (rows) => rows.get('meta', name));
  }

  /** Keep one value. @param {string} name @param {unknown} value */
  async put(name, value) {
    await this.change(['meta'], (rows) => rows.put('meta', value, name));
  }

  /** This phone's id in hex; NotEnrolledError. @returns {Promise<string>} */
  async phone() {
    const phone = await this.get('phone');
    if (typeof phone !== 'string') throw new NotEnrolledError();
    return phone;
  }

  /** Whether this phone belongs to a municipality. */
  async enrolled() {
    return typeof (await this.get('phone')) === 'string';
  }

  /** Server time minus this phone's clock, in seconds, as of the last sync. */
  async offset() {
    const value = await this.get('offset');
    return typeof value === 'number' ? value : 0;
  }

  /** Make the phone useless: keys, token, person and all that was theirs, in one transaction.
   *
   * `leaves` says what stays for the server: `outbox` all that waits and the key that seals it,
   * for whoever enrols the phone anew; `openings` the opening records alone, which name nobody;
   * `nothing`. Where not even that can be written, the whole database goes.
   * @param {{leaves: 'outbox' | 'openings' | 'nothing'}} what */
  async destroy({ leaves }) {
    /** @type {Name[]} */
    const goes = ['meta', ...PERSONAL, 'receipts', 'wanted', 'seen', 'reserve'];
    if (leaves !== 'outbox') goes.push('entries', 'batches');
    if (leaves === 'nothing') goes.push('openings');
    try {
      await this.change(['keys', ...goes], (rows) => {
        if (leaves === 'outbox') rows.delete('keys', 'phone');
        else rows.clear('keys');
        for (const name of goes) rows.clear(name);
      });
    } catch {
      await this.remove();
    }
  }

  /** Delete the whole database. */
  async remove() {
    await this.close();
    const request = this.#factory.deleteDatabase(this.#name);
    await new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(undefined);
      request.onerror = request.onblocked = () => reject(unusable());
    });
  }

  /** Let go of the database; the next use opens it again. */
  async close() {
    const open = this.#database;
    this.#database = null;
    (await open?.catch(() => null))?.close();
  }

  /** @param {Name[]} names @param {IDBTransactionMode} mode @returns {Promise<IDBTransaction>} */
  async #begin(names, mode) {
    for (const last of [false, true]) {
      try {
        this.#database ??= this.#open();
        return (await this.#database).transaction(names, mode, { durability: 'strict' });
      } catch (error) {
        this.#database = null; // the browser has closed it, or never opened it
        if (last || error instanceof StoreError) throw translated(error);
      }
    }
    throw unusable();
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      const request = this.#factory.open(this.#name, STEPS.length);
      request.onupgradeneeded = ({ oldVersion }) => {
        for (const step of STEPS.slice(oldVersion)) step(request.result);
      };
      let waits = true;
      request.onblocked = () => {
        waits = false;
        reject(new StoreError('an older version of the app is open: close its other windows'));
      };
      request.onerror = () => reject(translated(request.error));
      request.onsuccess = () => {
        const database = request.result;
        if (!waits) return database.close();
        const forget = () => {
          database.close();
          this.#database = null;
        };
        database.onversionchange = forget;
        database.onclose = forget;
        resolve(database);
      };
    });
  }
}

/** @param {Rows} rows */
async function restock(rows) {
  if ((await rows.count('reserve')) > 0) return true;
  for (let at = 0; at < RESERVE / MOST_RANDOM; at += 1) {
    // Noise, because a browser compresses what it keeps.
    rows.put('reserve', crypto.getRandomValues(new Uint8Array(MOST_RANDOM)), at);
  }
  return true;
}

/** @template T @param {IDBRequest<T>} request @returns {Promise<T>} */
function answer(request) {
  const promise = new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  promise.catch(() => {}); // the transaction tells it too
  return promise;
}

/** @template T @param {IDBTransaction} transaction
 * @param {(rows: Rows) => Promise<T> | T} work @returns {Promise<T>} */
async function carryOut(transaction, work) {
  const ended = new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve(undefined);
    transaction.onabort = () => reject(transaction.error);
  });
  ended.catch(() => {});
  try {
    const result = await work(new Rows(transaction));
    await ended;
    return result;
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // it has ended already
    }
    await ended.catch(() => {});
    throw translated(transaction.error ?? error);
  }
}

const unusable = () =>
  new StoreError('the phone’s memory cannot be used: close the app and open it again');

/** Ours of a browser's error; anything else stays as it is. @param {unknown} error */
function translated(error) {
  if (!(error instanceof DOMException)) return error ?? unusable();
  if (error.name === 'QuotaExceededError') return new StoreFullError();
  if (error.name === 'VersionError') {
    return new StoreError('the phone’s memory is of a newer version of the app: update the app');
  }
  return unusable();
}

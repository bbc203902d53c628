/**
 * Belonging to a municipality and to a person: enrolment, PIN, signing in and out, locking.
 *
 * House rules: a door needs phone, PIN, and a user name with its password. The password is checked
 * by the server; when that is away, by what the phone kept of the last time, so that a server that
 * is down for a day closes no door (docs/decisions/0010). Passwords, PINs and codes are in no
 * error text and no log. One person's data is gone before anything of the next is kept.
 */

import { equal, toBase64url, fromBase64url } from '../base/bytes.js';
import { Book, forgetPerson } from './book.js';
import { BlockedError, OfflineError, ServerError } from './client.js';
import { makePhoneKey, makeSealKey, open, seal } from './keys.js';
import { get } from './reading.js';
import { NotEnrolledError, PERSONAL, StoreError } from './store.js';
import { checkPin, create, stretch, Vault } from './vault.js';
import { root } from './wire.js';

/** @import { Client } from './client.js' */
/** @import { PhoneKey } from './keys.js' */
/** @import { Store } from './store.js' */
/** @import { Session } from './values.js' */

export const MODEL = 'web';
/** Seconds that a sign-in without the server lasts at most. */
export const LONGEST = 16 * 3600;
/** Wrong passwords after which only the server can sign in. */
export const MAX_MISSES = 5;
const SALT = 16;

/** This phone belongs to a municipality already. */
export class AlreadyEnrolledError extends StoreError {
  name = 'AlreadyEnrolledError';
  constructor() {
    super('this phone is enrolled already: wipe it first');
  }
}

/** Nobody is signed in, or the password is wrong; the text says what to do. */
export class SignInError extends Error {
  name = 'SignInError';
}

/** The server is away, and this is not what was typed the last time. */
export class WrongPasswordError extends SignInError {
  name = 'WrongPasswordError';
}

/** The PIN has not been given since the phone was locked. */
export class LockedError extends SignInError {
  name = 'LockedError';
  constructor() {
    super('the phone is locked: give your PIN');
  }
}

/** Where the phone is, and so what to show.
 *
 * `new`: enrol it. `free`: nobody is here, sign in. `locked`: give the PIN, or sign in as another.
 * `over`: unlocked, and the session has ended: sign in again (what is running may be locked).
 * `open`: somebody is signed in.
 * @typedef {'new' | 'free' | 'locked' | 'over' | 'open'} State */

/** What a sign-in came to. `needsPin`: call `choosePin` next, nothing is kept before that.
 * @typedef {{session: Session, byServer: boolean, needsPin: boolean}} SignedIn */

/** Make this phone one of the municipality's; its id in hex.
 *
 * Raises AlreadyEnrolledError, StoreError, ServerError (RefusedError `code_refused` for a code
 * that is wrong, used or old). What waited on a wiped phone stays and goes with the new token.
 * @param {Store} store @param {Client} client @param {string} code
 * @param {{clock: () => number, storage?: StorageManager}} edge `clock` own Unix seconds
 * @returns {Promise<string>} */
export async function enrol(
  store,
  client,
  code,
  { clock, storage = globalThis.navigator?.storage },
) {
  if (await store.enrolled()) throw new AlreadyEnrolledError();
  const key = await makePhoneKey();
  const held = await store.read(['keys'], (rows) => rows.get('keys', 'seal'));
  const sealKey = held ?? (await makeSealKey());
  await storage?.persist?.().catch(() => false); // the browser may say no: it works all the same
  const before = clock();
  const body = { code, public_key: toBase64url(key.x), model: MODEL };
  const answer = await client.call('enrol', body);
  const offset = get(answer, 'server_time', 'number') - Math.floor((before + clock()) / 2);
  const [phone, token] = [get(answer, 'phone', 'string'), get(answer, 'token', 'string')];
  const pinned = await root(answer);
  const sealed = await seal(sealKey, 'token', fromBase64url(token));
  await store.change(['meta', 'keys'], async (rows) => {
    if ((await rows.get('meta', 'phone')) !== undefined) throw new AlreadyEnrolledError();
    rows.clear('meta');
    rows.put('keys', key, 'phone');
    rows.put('keys', sealKey, 'seal');
    for (const [name, value] of Object.entries({ phone, root: pinned, offset, token: sealed })) {
      rows.put('meta', value, name);
    }
  });
  await store.restock();
  return phone;
}

/** This phone's key for doors; NotEnrolledError. @param {Store} store
 * @returns {Promise<PhoneKey>} */
export async function phoneKey(store) {
  const key = await store.read(['keys'], (rows) => rows.get('keys', 'phone'));
  if (!key) throw new NotEnrolledError();
  return key;
}

/** The client with this phone's token, as nobody; NotEnrolledError, DamagedError.
 * @param {Store} store @param {Client} client @returns {Promise<Client>} */
export async function asPhone(store, client) {
  const [key, sealed] = await store.read(['keys', 'meta'], (rows) =>
    Promise.all([rows.get('keys', 'seal'), rows.get('meta', 'token')]),
  );
  if (!key || !sealed) throw new NotEnrolledError();
  return client.as({ token: toBase64url(await open(key, 'token', sealed)), session: null });
}

/** Who has the phone; `clock` is this phone's own Unix seconds. */
export class Account {
  #store;
  #client;
  #clock;
  #vault;
  /** @type {Book | null} */
  #book = null;
  /** @type {Session | null} */
  #arriving = null;

  /** @param {Store} store @param {Client} client @param {{clock: () => number}} edge */
  constructor(store, client, { clock }) {
    this.#store = store;
    this.#client = client;
    this.#clock = clock;
    this.#vault = new Vault(store);
  }

  /** What is sealed under the PIN; null while locked or with nobody. @returns {Book | null} */
  get book() {
    return this.#book;
  }

  /** Where the phone is. @returns {Promise<State>} */
  async state() {
    const book = this.#book;
    const [enrolled, chosen, session] = await Promise.all([
      this.#store.enrolled(),
      this.#vault.exists(),
      book?.session() ?? null,
    ]);
    if (!enrolled) return 'new';
    if (!chosen) return 'free';
    if (!book) return 'locked';
    return (await this.#live(session)) ? 'open' : 'over';
  }

  /** Open the book with the PIN, with or without the server. WrongPinError says how many tries
   * are left; the tenth wipes (WipedError). @param {string} pin @returns {Promise<Book>} */
  async unlock(pin) {
    this.#book = null;
    this.#book = new Book(this.#store, await this.#vault.unlock(pin));
    return this.#book;
  }

  /** Forget the key until the PIN is given again. Not while a visit to a door is going on. */
  lock() {
    this.#book = null;
    this.#arriving = null;
  }

  /** Change the PIN; a wrong old one counts. @param {string} pin @param {string} fresh */
  async changePin(pin, fresh) {
    await this.#vault.changePin(pin, fresh);
  }

  /** Who is signed in now, and whether the server said so.
   *
   * The same person on an unlocked phone goes on with their PIN and doors. Anybody else, or a
   * person who has forgotten the PIN, begins anew: the first one's data is gone when this is
   * kept, and `choosePin` must follow. Without the server only the same person on an unlocked
   * phone can. Raises RefusedError (`wrong_credentials`), TooOftenError, WrongPasswordError,
   * OfflineError, and BlockedError having destroyed everything.
   * @param {string} username @param {string} password @returns {Promise<SignedIn>} */
  async signIn(username, password) {
    this.#arriving = null;
    let answer;
    try {
      const client = await asPhone(this.#store, this.#client);
      answer = await client.call('sign-in', { username, password });
    } catch (error) {
      if (error instanceof OfflineError) {
        const session = await this.#withoutServer(username, password, error);
        return { session, byServer: false, needsPin: false };
      }
      if (error instanceof BlockedError) await this.destroy();
      throw error;
    }
    const employee = get(answer, 'employee', 'object');
    const salt = crypto.getRandomValues(new Uint8Array(SALT));
    const session = {
      number: get(employee, 'number', 'string'),
      name: get(employee, 'name', 'string'),
      until: get(answer, 'until', 'number'),
      token: get(answer, 'session', 'string'),
      salt,
      verifier: await verifier(username, password, salt),
      misses: 0,
    };
    if (this.#book && (await this.#book.session())?.number === session.number) {
      await this.#book.keepSession(session);
      return { session, byServer: true, needsPin: false };
    }
    await this.#forget();
    this.#arriving = session;
    return { session, byServer: true, needsPin: true };
  }

  /** The PIN of who has just signed in; opens their book. RangeError, SignInError.
   * @param {string} pin @returns {Promise<Book>} */
  async choosePin(pin) {
    checkPin(pin);
    const session = this.#arriving;
    const sealKey = await this.#store.read(['keys'], (rows) => rows.get('keys', 'seal'));
    if (!session || !sealKey) throw new SignInError('sign in first, then choose a PIN');
    const { row, secrets } = await create(pin, sealKey);
    const book = new Book(this.#store, secrets);
    const { name, key, value } = await book.sessionRow(session);
    await this.#store.change(['meta', ...PERSONAL], async (rows) => {
      if ((await rows.get('meta', 'phone')) === undefined) throw new NotEnrolledError();
      forgetPerson(rows);
      rows.put('meta', row, 'vault');
      rows.put(name, value, key);
    });
    this.#arriving = null;
    this.#book = book;
    return book;
  }

  /** Forget the person and what was theirs, and tell the server if it can be reached.
   *
   * What waits for the server stays. Raises BlockedError having destroyed everything. */
  async signOut() {
    const session = this.#book ? await this.#book.session() : this.#arriving;
    await this.#forget();
    if (!session?.token) return;
    try {
      const client = await asPhone(this.#store, this.#client);
      await client.as({ session: session.token }).call('sign-out', {});
    } catch (error) {
      if (error instanceof BlockedError) {
        await this.destroy();
        throw error;
      }
      if (!(error instanceof ServerError)) throw error;
      // it ends by itself, and this phone has forgotten it
    }
  }

  /** Who may open doors now; LockedError, SignInError. @returns {Promise<Session>} */
  async signedIn() {
    if (!this.#book) throw new LockedError();
    const session = await this.#book.session();
    if (!session || !(await this.#live(session))) {
      throw new SignInError('nobody is signed in: sign in with your user name');
    }
    return session;
  }

  /** The phone is blocked: keys and person go at once, opening records stay for the server. */
  async destroy() {
    this.lock();
    await this.#store.destroy({ leaves: 'openings' });
  }

  /** @param {Session | null} session */
  async #live(session) {
    return session !== null && this.#clock() + (await this.#store.offset()) < session.until;
  }

  async #forget() {
    this.lock();
    await this.#store.change(['meta', ...PERSONAL], forgetPerson);
  }

  /** @param {string} username @param {string} password @param {OfflineError} away
   * @returns {Promise<Session>} */
  async #withoutServer(username, password, away) {
    const session = await this.#book?.session();
    if (!this.#book || !session) throw away;
    if (session.misses >= MAX_MISSES) {
      throw new WrongPasswordError('too many wrong passwords: sign in where there is coverage');
    }
    // Counted before it is tried, as with the PIN.
    await this.#book.keepSession({ ...session, misses: session.misses + 1 });
    if (!equal(await verifier(username, password, session.salt), session.verifier)) {
      throw new WrongPasswordError('wrong user name or password, and the server does not answer');
    }
    const until = this.#clock() + (await this.#store.offset()) + LONGEST;
    const again = { ...session, until: Math.max(session.until, until), misses: 0 };
    await this.#book.keepSession(again);
    return again;
  }
}

/** @param {string} username @param {string} password
 * @param {import('../base/bytes.js').Bytes} salt */
const verifier = (username, password, salt) => stretch(`${username}\0${password}`, salt);

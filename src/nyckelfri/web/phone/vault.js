/**
 * One person's key to what the phone keeps of them, behind their PIN.
 *
 * House rules: a try is on stable storage before the PIN is tried, so that pulling the plug gives
 * no free one; ten wrong ones in a row destroy everything but what waits for the server. A PIN of
 * six digits is a screen lock: whoever copies the whole phone guesses it in days, and short-lived
 * grants are the security. A copy of the rows alone cannot even be guessed at, because the vault
 * lies under the phone's own key too.
 *
 * Source: RFC 8018 (PBKDF2) with SHA-256.
 */

import { toHex, utf8 } from '../base/bytes.js';
import { DamagedError, makeSealKey, open, seal } from './keys.js';
import { GoneError, NotEnrolledError } from './store.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Store } from './store.js' */

/** Wrong PINs after which the phone wipes itself. */
export const MAX_TRIES = 10;
/** Rounds of PBKDF2-HMAC-SHA-256: what OWASP asks for passwords, about 0.3 s in Chromium. */
export const ITERATIONS = 600_000;
const PIN = /^[0-9]{6,12}$/;
const SALT = 16;
const { subtle } = globalThis.crypto;

/** What is kept of a vault: its id, and the data key under PIN and phone.
 * @typedef {{id: string, salt: Bytes, iterations: number, sealed: Bytes}} VaultRow */

/** What the PIN gives. @typedef {{id: string, dataKey: CryptoKey}} Secrets */

/** The PIN is not this person's; `left` more tries, then all is wiped. */
export class WrongPinError extends Error {
  name = 'WrongPinError';
  /** @param {number} left */
  constructor(left) {
    super(`wrong PIN: ${left} tries left, then all is wiped`);
    this.left = left;
  }
}

/** Too many wrong PINs: the phone holds nothing any more. Enrol it again. */
export class WipedError extends Error {
  name = 'WipedError';
  constructor() {
    super(`${MAX_TRIES} wrong PINs: this phone is wiped; enrol it again`);
  }
}

/** RangeError unless `pin` is a PIN: 6 to 12 digits. @param {string} pin */
export function checkPin(pin) {
  if (!PIN.test(pin)) throw new RangeError('choose a PIN of 6 to 12 digits');
}

/** 32 bytes from something a person can remember, slow to guess.
 * @param {string} secret @param {Bytes} salt @param {number} [iterations]
 * @returns {Promise<Bytes>} */
export async function stretch(secret, salt, iterations = ITERATIONS) {
  const key = await subtle.importKey('raw', utf8(secret), 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return new Uint8Array(await subtle.deriveBits(how, key, 256));
}

/** A vault with a new data key, to be kept by whoever signs in.
 * @param {string} pin @param {CryptoKey} sealKey @param {number} [iterations]
 * @returns {Promise<{row: VaultRow, secrets: Secrets}>} */
export async function create(pin, sealKey, iterations = ITERATIONS) {
  checkPin(pin);
  const raw = new Uint8Array(await subtle.exportKey('raw', await makeSealKey(true)));
  const id = toHex(crypto.getRandomValues(new Uint8Array(8)));
  const row = await locked(id, raw, pin, sealKey, iterations);
  const dataKey = await imported(raw, ['encrypt', 'decrypt']);
  raw.fill(0);
  return { row, secrets: { id, dataKey } };
}

/** @param {string} id @param {Bytes} raw @param {string} pin @param {CryptoKey} sealKey
 * @param {number} iterations @returns {Promise<VaultRow>} */
async function locked(id, raw, pin, sealKey, iterations) {
  const salt = crypto.getRandomValues(new Uint8Array(SALT));
  const key = await imported(await stretch(pin, salt, iterations), ['encrypt']);
  const wrapped = await seal(key, '', raw);
  return { id, salt, iterations, sealed: await seal(sealKey, `vault ${id}`, wrapped) };
}

/** @param {Bytes} raw @param {KeyUsage[]} usages */
const imported = (raw, usages) => subtle.importKey('raw', raw, 'AES-GCM', false, usages);

/** The vault that one phone holds. */
export class Vault {
  #store;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** Whether somebody has chosen a PIN here. @returns {Promise<boolean>} */
  async exists() {
    return (await this.#store.get('vault')) !== undefined;
  }

  /** The person's secrets. WrongPinError says how many tries are left, the last one wipes.
   *
   * Raises NotEnrolledError where nobody has a PIN, WipedError, StoreError.
   * @param {string} pin @returns {Promise<Secrets>} */
  async unlock(pin) {
    const { row, raw } = await this.#try(pin);
    const dataKey = await imported(raw, ['encrypt', 'decrypt']);
    raw.fill(0);
    return { id: row.id, dataKey };
  }

  /** Put `fresh` in the place of `pin`; a wrong `pin` counts as one. RangeError, and as `unlock`.
   * @param {string} pin @param {string} fresh */
  async changePin(pin, fresh) {
    checkPin(fresh);
    const { row, raw, sealKey } = await this.#try(pin);
    const changed = await locked(row.id, raw, fresh, sealKey, row.iterations);
    raw.fill(0);
    await this.#store.change(['meta'], async (rows) => {
      if ((await rows.get('meta', 'vault'))?.id !== row.id) throw new GoneError();
      rows.put('meta', changed, 'vault');
    });
  }

  /** How many tries there have been in a row, with this one; GoneError. @param {string} id */
  #count(id) {
    return this.#store.change(['meta'], async (rows) => {
      if ((await rows.get('meta', 'vault'))?.id !== id) throw new GoneError();
      const tries = ((await rows.get('meta', 'tries')) ?? 0) + 1;
      rows.put('meta', tries, 'tries');
      return tries;
    });
  }

  /** @param {string} pin */
  async #try(pin) {
    const [row, sealKey] = await this.#store.read(['meta', 'keys'], (rows) =>
      Promise.all([rows.get('meta', 'vault'), rows.get('keys', 'seal')]),
    );
    if (row === undefined || sealKey === undefined) throw new NotEnrolledError();
    // Until the try has been counted, nothing is done that tells whether the PIN is right.
    const [tries, key] = await Promise.all([
      this.#count(row.id),
      stretch(pin, row.salt, row.iterations).then((bytes) => imported(bytes, ['decrypt'])),
    ]);
    if (tries <= MAX_TRIES) {
      const wrapped = await open(sealKey, `vault ${row.id}`, row.sealed);
      const raw = await open(key, '', wrapped).catch(() => null);
      if (raw?.length === 32) {
        await this.#store.put('tries', 0);
        return { row, raw, sealKey };
      }
      if (raw) throw new DamagedError();
      const left = MAX_TRIES - tries;
      if (left > 0) throw new WrongPinError(left);
    }
    await this.#store.destroy({ leaves: 'outbox' });
    throw new WipedError();
  }
}

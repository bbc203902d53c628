/**
 * What the phone brings to a lock, and what it remembers of it.
 *
 * House rules: the choice of a grant never asks this phone's clock for permission, only for order;
 * what a lock was seen to have only spares messages, it decides nothing.
 */

import { toHex } from '../base/bytes.js';
import { isNewer } from '../door/bulletin.js';
import { Taken } from '../door/courier.js';
import { Command, verify } from '../door/grants.js';
import { SignatureError } from '../door/signed.js';
import { choose } from './values.js';

/** @import { KeySet } from '../door/keyset.js' */
/** @import { Carried } from '../door/opening.js' */
/** @import { Book } from './book.js' */
/** @import { Load, Result } from './errand.js' */
/** @import { Known } from './known.js' */
/** @import { Door, HeldGrant } from './values.js' */

/** This phone holds no key for that door. */
export class NoGrantError extends Error {
  name = 'NoGrantError';
  constructor() {
    super('this phone holds no key for that door: sync, or call your planner');
  }
}

/** Whether a key that is in force has signed it.
 * @param {HeldGrant} grant @param {KeySet | null} keySet @returns {Promise<boolean>} */
async function stands({ data }, keySet) {
  if (!keySet) return false;
  try {
    await verify(data, keySet);
    return true;
  } catch (error) {
    if (error instanceof SignatureError) return false;
    throw error;
  }
}

/** Grants, news and receipts for locks, out of what one phone holds. */
export class Luggage {
  #known;
  #book;

  /** @param {Known} known @param {Book} book */
  constructor(known, book) {
    this.#known = known;
    this.#book = book;
  }

  /** The grant to show; NoGrantError.
   *
   * One that our own bulletin revokes opens nothing more, though the lock may not have heard;
   * whether it still locks behind its holder, the lock says. One whose key the root has dropped
   * is shown only where there is no other: no lock takes it that has heard, from us for one.
   * @param {Door} door @param {number} command @param {number} now @returns {Promise<HeldGrant>} */
  async grant({ installation }, command, now) {
    const { bulletin, keySet } = await this.#known.trusted();
    const revoked = new Set(command === Command.lock ? [] : bulletin?.serials.map(toHex));
    const every = await this.#book.grants(installation);
    const stand = await Promise.all(every.map((grant) => stands(grant, keySet)));
    const held = stand.includes(true) ? every.filter((_, at) => stand[at]) : every;
    const usable = held.filter((grant) => !revoked.has(grant.serial));
    const grant = choose(usable, command, now, await this.#book.stay(installation));
    if (!grant) throw new NoGrantError();
    return grant;
  }

  /** Key set and bulletin for message 3. @returns {Promise<Carried>} */
  async everything() {
    const { signedKeySet, signedBulletin } = await this.#known.trusted();
    return { keySet: signedKeySet, bulletin: signedBulletin };
  }

  /** What a courier session begins with. @param {string} installation @param {number} now
   * @returns {Promise<Load>} */
  async load(installation, now) {
    const [trusted, receipt, seen, wanted] = await Promise.all([
      this.#known.trusted(),
      this.#known.receipt(installation),
      this.#known.seen(installation),
      this.#known.wanted(installation),
    ]);
    return { trusted, receipt, carried: seen?.carried ?? 0, wanted, now };
  }

  /** Whether this phone may bring something that the lock did not have when last met.
   * @param {Door} door @returns {Promise<boolean>} */
  async hasNews({ installation }) {
    if (!(await this.#book.grants(installation)).length) return false;
    const { trusted, receipt, wanted } = await this.load(installation, 0);
    const seen = await this.#known.seen(installation);
    if (!seen || wanted !== null) return true;
    const { keySet, bulletin } = trusted;
    return (
      (keySet !== null && keySet.number > seen.keySet) ||
      (bulletin !== null && isNewer(bulletin, { epoch: seen.epoch, issued: seen.bulletin })) ||
      (receipt !== null && receipt.number > seen.acknowledged)
    );
  }

  /** What the lock has now. @param {string} installation @param {Result} errand */
  async remember(installation, { status, delivered, carried }) {
    if (!status) return;
    const { trusted, receipt } = await this.load(installation, 0);
    const has = (/** @type {string} */ name) =>
      (delivered[name] ?? Taken.refused) !== Taken.refused;
    const { keySet, epoch, bulletin, acknowledged } = status;
    let seen = { keySet, epoch, bulletin, acknowledged, carried };
    if (has('keySet') && trusted.keySet) seen = { ...seen, keySet: trusted.keySet.number };
    if (has('bulletin') && trusted.bulletin) {
      seen = { ...seen, epoch: trusted.bulletin.epoch, bulletin: trusted.bulletin.issued };
    }
    if (has('receipt') && receipt) seen = { ...seen, acknowledged: receipt.number };
    await this.#known.keepSeen(installation, seen);
  }
}

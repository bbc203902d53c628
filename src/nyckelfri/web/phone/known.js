/**
 * What the phone knows of the municipality and its locks: root, key set, bulletin, receipts.
 *
 * House rules: signed bytes and opaque ids, nothing that names anybody; verified before it is kept,
 * and again when it is read, because the bytes are all that is kept.
 */

import { equal } from '../base/bytes.js';
import * as bulletins from '../door/bulletin.js';
import * as keysets from '../door/keyset.js';
import { NotEnrolledError } from './store.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Rows, Store } from './store.js' */
/** @import { Answer } from './wire.js' */
/** @import { Seen, Trusted } from './values.js' */

/** What one phone's store knows. */
export class Known {
  #store;
  /** @type {{bytes: (Bytes | undefined)[], trusted: Trusted} | null} */
  #last = null;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** Root, key set and bulletin; NotEnrolledError. @returns {Promise<Trusted>} */
  async trusted() {
    const bytes = await this.#store.read(['meta'], (rows) =>
      Promise.all(['root', 'keySet', 'bulletin'].map((name) => rows.get('meta', name))),
    );
    if (this.#last?.bytes.every((each, at) => same(each, bytes[at]))) return this.#last.trusted;
    const [pinned, signedKeySet = null, held = null] = bytes;
    if (!pinned) throw new NotEnrolledError();
    const root = await keysets.readRoot(pinned);
    const keySet = signedKeySet && (await keysets.read(signedKeySet, root));
    const signedBulletin = keySet && held;
    const bulletin = signedBulletin && (await bulletins.read(signedBulletin, keySet));
    const trusted = { root, keySet, signedKeySet, bulletin, signedBulletin };
    this.#last = { bytes, trusted };
    return trusted;
  }

  /** Number and signed bytes of the newest receipt for a lock. @param {string} installation
   * @returns {Promise<{number: number, data: Bytes} | null>} */
  async receipt(installation) {
    return (await this.#of('receipts', installation)) ?? null;
  }

  /** The first entry that the server misses of a lock's journal. @param {string} installation
   * @returns {Promise<number | null>} */
  async wanted(installation) {
    return (await this.#of('wanted', installation)) ?? null;
  }

  /** What a lock said of itself at the last visit. @param {string} installation
   * @returns {Promise<Seen | null>} */
  async seen(installation) {
    return (await this.#of('seen', installation)) ?? null;
  }

  /** Remember what a lock said of itself. @param {string} installation @param {Seen} seen */
  async keepSeen(installation, seen) {
    await this.#store.change(['seen'], (rows) => rows.put('seen', seen, installation));
  }

  /** Keep what a sync brought for all who use this phone, and the time; GoneError where the phone
   * is another one by now. @param {Answer} answer @param {{offset: number, phone: string}} about */
  async keep({ serverTime, trusted, receipts, wanted }, { offset, phone }) {
    await this.#store.change(['meta', 'receipts', 'wanted'], async (rows) => {
      await rows.require('phone', phone);
      rows.put('meta', offset, 'offset');
      rows.put('meta', serverTime, 'synced');
      if (trusted.signedKeySet) rows.put('meta', trusted.signedKeySet, 'keySet');
      if (trusted.signedBulletin) rows.put('meta', trusted.signedBulletin, 'bulletin');
      else rows.delete('meta', 'bulletin');
      await keepNewest(rows, receipts);
      rows.clear('wanted');
      for (const { installation, first } of wanted) rows.put('wanted', first, installation);
    });
  }

  /** @param {'receipts' | 'wanted' | 'seen'} name @param {string} installation */
  #of(name, installation) {
    return this.#store.read([name], (rows) => rows.get(name, installation));
  }
}

/** @param {Rows} rows @param {Answer['receipts']} receipts */
async function keepNewest(rows, receipts) {
  for (const { installation, number, data } of receipts) {
    const held = await rows.get('receipts', installation);
    if (!held || number > held.number) rows.put('receipts', { number, data }, installation);
  }
}

/** @param {Bytes | undefined} left @param {Bytes | undefined} right */
const same = (left, right) => (left && right ? equal(left, right) : left === right);

/**
 * The staff phone without screens in the hands of a test, one function a step.
 *
 * House rule: nothing is decided here; what comes, or which error, is handed to the test.
 */

import { airInMemory } from './air.js';
import { toHex } from './web/base/bytes.js';
import { Account, enrol, phoneKey } from './web/phone/account.js';
import { Client } from './web/phone/client.js';
import { Known } from './web/phone/known.js';
import { Luggage } from './web/phone/luggage.js';
import { Outbox } from './web/phone/outbox.js';
import { Store } from './web/phone/store.js';
import { Sync } from './web/phone/sync.js';
import { Visitor } from './web/phone/visitor.js';
import { readSync } from './web/phone/wire.js';

let now = 0;
const clock = () => now;
const store = new Store();
const client = new Client();
const account = new Account(store, client, { clock });
const outbox = new Outbox(store);
const known = new Known(store);
let told = [];
let going = Promise.resolve('');

// The end of this page's life, at a write.

const died = Promise.withResolvers();
function die() {
  died.resolve('died');
  return new Promise(() => {});
}
const change = Store.prototype.change;
let left = Infinity;
let moment = 'before';
Store.prototype.change = async function mortal(names, work, how) {
  left -= 1;
  if (left >= 0) return change.call(this, names, work, how);
  if (moment === 'after') await change.call(this, names, work, how);
  if (moment === 'within') {
    const cut = async (rows) => {
      await work(rows);
      throw new Error('the plug was pulled');
    };
    await change.call(this, names, cut, how).catch(() => {});
  }
  return die();
};

const radio = airInMemory(die);

function visitor({ online = false } = {}) {
  const { book } = account;
  const report = (step) => told.push(step);
  return new Visitor({ store, book, radio, client: online ? client : null, clock, report });
}

/** Bytes and sets as a test can read them. */
const plain = (value) =>
  JSON.parse(
    JSON.stringify(value ?? null, (_, each) => (each instanceof Uint8Array ? toHex(each) : each)),
  );

/** A kilobyte that cannot be compressed. */
const noise = () => crypto.getRandomValues(new Uint8Array(1024));

const steps = {
  clock(seconds) {
    now = seconds;
  },
  dieAt(writes, how) {
    [left, moment] = [writes, how];
  },
  enrol: (code) => enrol(store, client, code, { clock }),
  state: () => account.state(),
  signIn: (username, password) => account.signIn(username, password),
  async choosePin(pin) {
    await account.choosePin(pin);
  },
  async unlock(pin) {
    await account.unlock(pin);
  },
  lock: () => account.lock(),
  changePin: (pin, fresh) => account.changePin(pin, fresh),
  signOut: () => account.signOut(),
  signedIn: () => account.signedIn(),
  session: () => account.book?.session(),
  doors: () => account.book.doors(),
  grants: () => account.book.grants(),
  day: () => account.book.day(),
  facts: () => account.book.facts(),
  stays: () => account.book.stays(),
  keepStay: (stay) => account.book.keepStay(stay),
  stayLocked: (installation, at) => account.book.stayLocked(installation, at),
  waiting: () => outbox.waiting(),
  full: () => outbox.full(),
  keepEntry: (entry) => outbox.keepEntry(entry, account.book),
  keepOpening: (record) => outbox.keepOpening(record),
  async keepBatches(count, size, first = 0) {
    for (let number = first; number < first + count; number += 1) {
      const batch = new Uint8Array(size).fill(number % 251);
      new DataView(batch.buffer).setUint32(0, number);
      await outbox.keepBatch(batch, now);
    }
  },
  sync: (how) => new Sync({ store, book: account.book, client, clock }).run(how),
  syncTwice: () =>
    Promise.all([1, 2].map(() => new Sync({ store, book: account.book, client, clock }).run())),
  /** Begin a sync as who is here now; `endSync` gives the name of the error that it ended in. */
  beginSync() {
    const sync = new Sync({ store, book: account.book, client, clock });
    going = sync.run().then(
      () => '',
      (error) => error.name,
    );
  },
  endSync: () => going,
  async reads(answer) {
    await readSync(answer, await known.trusted(), (await phoneKey(store)).x);
  },
  async trusted() {
    const { keySet, bulletin } = await known.trusted();
    return { keySet: keySet && [keySet.epoch, keySet.number], bulletin: bulletin?.issued ?? null };
  },
  offset: () => store.offset(),
  receipt: (installation) => known.receipt(installation),
  seen: (installation) => known.seen(installation),
  hasNews: async (at = 0) =>
    new Luggage(known, account.book).hasNews((await account.book.doors())[at]),
  /** Choose the lock of a door where it is not known yet, and command it. */
  async command(command, { at = 0, choose = true, wide = false, online = false } = {}) {
    const door = (await account.book.doors())[at];
    const visits = visitor({ online });
    let device = wide ? null : await visits.known(door);
    if (!device && choose) device = await visits.choose(door, { wide });
    return visits.command(door, command, { device });
  },
  told() {
    const said = told;
    told = [];
    return said;
  },
  /** Everything that is kept, and whether a key could be read. */
  async dump() {
    const names = [
      'meta',
      'keys',
      'sealed',
      'stays',
      'facts',
      'receipts',
      'wanted',
      'seen',
      'reserve',
    ];
    const all = [...names, 'batches', 'openings', 'entries'];
    const counts = await store.read(all, async (rows) =>
      Object.fromEntries(
        await Promise.all(all.map(async (name) => [name, (await rows.keys(name)).map(String)])),
      ),
    );
    return counts;
  },
  async keysCanBeRead() {
    const { privateKey } = await phoneKey(store);
    const sealKey = await store.read(['keys'], (rows) => rows.get('keys', 'seal'));
    const tries = [
      ['jwk', privateKey],
      ['pkcs8', privateKey],
      ['jwk', sealKey],
      ['raw', sealKey],
    ];
    const read = tries.map(([form, key]) =>
      crypto.subtle.exportKey(form, key).then(
        () => true,
        () => false,
      ),
    );
    return Promise.all(read);
  },
  /** Let the rows of one store stand under another key. */
  async exchange(name, from, to) {
    await change.call(store, [name], async (rows) =>
      rows.put(name, await rows.get(name, from), to),
    );
  },
  fill: (name, kilobytes) =>
    change.call(
      store,
      ['meta'],
      (rows) => rows.put('meta', Array.from({ length: kilobytes }, noise), name),
      { must: false },
    ),
  unfill: (name) => change.call(store, ['meta'], (rows) => rows.delete('meta', name)),
  destroy: (leaves) => store.destroy({ leaves }),
};

/** @param {string} name @param {unknown[]} args */
self.step = async (name, args) => {
  try {
    const gave = await Promise.race([steps[name](...args), died.promise]);
    return gave === 'died' ? { died: true } : { gave: plain(gave) };
  } catch (error) {
    const { left: tries = null, code = null, status = null } = error;
    return { error: error.name, why: error.message, left: tries, code, status };
  }
};

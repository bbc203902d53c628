/**
 * The phone's parts, put together for the app.
 *
 * House rules: everything of the browser comes in here, so that a test or a native shell can bring
 * its own; what is asked soon is asked once, and again by itself until nothing waits.
 */
import { Account, enrol, LockedError } from '../phone/account.js';
import { Client } from '../phone/client.js';
import { Outbox } from '../phone/outbox.js';
import { Patience } from '../phone/patience.js';
import { Store } from '../phone/store.js';
import { Sync } from '../phone/sync.js';
import { Visitor } from '../phone/visitor.js';

/** @typedef {ReturnType<typeof services>} Services */

/** Milliseconds after something was entered until it is sent. */
const SOON = 1500;
/** Milliseconds between syncs while something waits, and while nothing does. */
const RETRY = 60_000;
const IDLE = 5 * 60_000;
const LANGUAGE = 'nyckelfri language';
const LOCKED = 'nyckelfri locked';

/**
 * @param {object} edge
 * @param {import('../radio/port.js').Radio} edge.radio
 * @param {() => number} [edge.clock]  this phone's own Unix seconds
 * @param {Storage} [edge.storage]
 */
export function services({
  radio,
  clock = () => Date.now() / 1000,
  storage = globalThis.localStorage,
}) {
  const store = new Store();
  const client = new Client();
  const whole = () => Math.floor(clock());
  const account = new Account(store, client, { clock: whole });
  const outbox = new Outbox(store);
  /** @type {() => unknown} */
  let onDue = () => {};
  let timer = 0;
  /** Something was entered since the last sync began. */
  let askedFor = false;
  const patience = new Patience();
  const due = (/** @type {number} */ milliseconds) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => onDue(), milliseconds);
  };
  return {
    account,
    clock,
    radio,
    offset: () => store.offset(),
    online: () => navigator.onLine,
    /** @param {string} code */
    enrol: (code) => enrol(store, client, code, { clock: whole }),
    waiting: () => outbox.waiting(),
    /**
     * Keep what a carer entered; StoreFullError.
     * @param {import('../phone/values.js').Entry} entry
     */
    async keepEntry(entry) {
      const { book } = account;
      if (!book) throw new LockedError();
      await outbox.keepEntry(entry, book);
    },
    /** Which doors this phone has moved, the last command of each. */
    async moved() {
      /** @type {import('../day/doors.js').Moved[]} */
      const found = [];
      for (const { installation, opened, locked } of (await account.book?.stays()) ?? []) {
        found.push({ installation, command: 'unlock', at: opened });
        if (locked) found.push({ installation, command: 'lock', at: locked });
      }
      return found;
    },
    /** @param {import('../day/doors.js').Step} step */
    async doorMoved({ installation, command }) {
      if (command === 'lock')
        await account.book?.stayLocked(installation, whole() + (await store.offset()));
    },
    /** @param {(step: import('../phone/steps.js').Step) => void} report */
    visitor(report) {
      const { book } = account;
      if (!book) throw new LockedError();
      return new Visitor({ store, book, radio, client, clock: whole, report });
    },
    async sync() {
      askedFor = false;
      try {
        const sync = new Sync({ store, book: account.book, client, clock: whole });
        const report = await sync.run({ little: patience.left(clock()) > 0 });
        patience.told(report.later, clock());
        return report;
      } finally {
        // Whatever came of it: what is left is tried again, sooner where more came meanwhile.
        const { total } = await outbox.waiting();
        const wait = 1000 * patience.left(clock());
        if (!askedFor) due(total > 0 ? wait || RETRY : IDLE);
      }
    },
    /** Something is to be sent. */
    soon() {
      askedFor = true;
      due(SOON);
    },
    /** @param {() => unknown} act  called when a sync is due */
    whenDue(act) {
      onDue = act;
      due(SOON);
    },
    language: () => (storage?.getItem(LANGUAGE) === 'en' ? /** @type {const} */ ('en') : 'sv'),
    /** @param {string} language */
    rememberLanguage: (language) => storage?.setItem(LANGUAGE, language),
    /** Whether somebody's PIN is likely to be asked for: known before the database is open. */
    wasLocked: () => storage?.getItem(LOCKED) === 'yes',
    /** @param {boolean} locked */
    rememberLocked: (locked) => storage?.setItem(LOCKED, locked ? 'yes' : 'no'),
  };
}

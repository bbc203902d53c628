/**
 * The app: who is here, what the day holds, what is entered, what waits.
 *
 * House rules: everything that a screen shows is asked of this object, everything that changes goes
 * through it and is on stable storage before a screen says so; `change` tells the frame to draw.
 * What is read is kept in memory only while the app is open, and goes when it locks.
 */
import { isOpen } from '../day/doors.js';
import { entry } from '../day/entries.js';
import { ofToday, progressOf, standing, stayKey } from '../day/visits.js';
import { Speaker } from './speaker.js';

/** @typedef {import('../day/visits.js').Visit} Visit */
/** @typedef {import('../day/visits.js').Entry} Entry */
/** @typedef {import('../day/doors.js').Moved} Moved */
/** @typedef {import('../phone/wireday.js').Client} Client */
/** @typedef {import('../phone/wireday.js').Day} Day */
/** @typedef {'new' | 'blocked' | 'signedOut' | 'choosing' | 'locked' | 'open'} State */
/** @typedef {import('./words.js').Language} Language */
/** @typedef {{client: string | null, visit: string | null}} About */

/** Seconds for which a reason given for a client outside the visits holds. */
const REASON_HOLDS = 3600;
/** Seconds around a planned visit within which its client needs no reason. */
const AROUND_A_VISIT = 4 * 3600;

export class App extends Speaker {
  /** @type {State} */
  state = 'signedOut';
  notice = '';
  /** @type {import('../phone/values.js').Session | null} */
  session = null;
  /** @type {Day | null} */
  day = null;
  /** @type {Entry[]} */
  entered = [];
  /** @type {Map<string, import('../day/visits.js').Progress>} */
  progress = new Map();
  /** @type {Moved[]} */
  moved = [];
  /** @type {import('../phone/values.js').HeldGrant[]} */
  grants = [];
  /** @type {import('../phone/outbox.js').Waiting} */
  waiting = { entries: 0, openings: 0, batches: 0, total: 0, since: null, aside: 0, full: false };
  trouble = '';
  syncing = false;
  updateWaits = false;
  lastPerson = false;
  /** @type {import('./doorway.js').Doorway} */
  doorway = /** @type {any} */ (null);
  /** @type {import('./labels.js').Labels} */
  labels = /** @type {any} */ (null);
  /** Puts the app on the home screen, where the browser offers it. @type {(() => unknown) | null} */
  install = null;
  /** @type {Set<string>} */
  #closedAlarms = new Set();
  /** @type {Set<string>} */
  #shownAlarms = new Set();

  /**
   * @param {object} parts
   * @param {import('./services.js').Services} parts.services
   * @param {import('./signal.js').Signaller} parts.signal
   * @param {Language} parts.language
   * @param {string} parts.version
   */
  constructor({ services, signal, language, version }) {
    super({ language, clock: services.clock, remember: services.rememberLanguage });
    this.services = services;
    this.signal = signal;
    this.version = version;
  }

  // Where one is.

  /** @param {string} hash */
  go(hash) {
    location.hash = hash;
  }

  back() {
    if (history.length > 1) history.back();
    else this.go('#');
  }

  /** @param {Client} client */
  pathTo(client) {
    const visit = ofToday(this.day?.visits ?? [], this.now()).find(
      (one) =>
        one.client === client.number &&
        ['ahead', 'now', 'running'].includes(standing(one, this.progress.get(one.id), this.now())),
    );
    return visit ? `#/besok/${visit.id}` : `#/kund/${client.number}`;
  }

  // Who is here.

  /** Find out where the phone stands, and read what may be read. */
  async begin() {
    const { account, offset } = this.services;
    const [state, skew] = await Promise.all([account.state(), offset(), this.count(), this.read()]);
    this.lastPerson = state === 'locked' || state === 'over';
    this.offset = skew;
    if (state === 'new' || state === 'locked') this.state = state;
    else if (state === 'free') this.state = 'signedOut';
    else this.#opened(state === 'over');
    this.changed();
  }

  /** @param {boolean} over  the session has ended */
  #opened(over) {
    const now = this.now();
    // Whoever has a door open locks it behind them, whatever the time.
    const mayLock = this.moved.some((one) => isOpen(one.installation, this.moved, now));
    this.state = over && !mayLock ? 'signedOut' : 'open';
    if (over) this.notice = this.t('signin_again');
  }

  /** @param {string} code */
  async enrol(code) {
    await this.services.enrol(code);
    this.notice = '';
    await this.begin();
  }

  /**
   * @param {string} name
   * @param {string} password
   */
  async signIn(name, password) {
    const done = await this.services.account.signIn(name, password);
    this.notice = '';
    if (done.needsPin) {
      this.#forget();
      // Where the one before was looking is no business of the next.
      this.go('#');
      this.state = 'choosing';
      this.changed();
      return;
    }
    if (!done.byServer) this.say(this.t('signin_offline_done'));
    await this.begin();
    await this.synchronise();
  }

  /** @param {string} pin */
  async choosePin(pin) {
    await this.services.account.choosePin(pin);
    await this.begin();
    await this.synchronise();
  }

  /**
   * The PIN was typed; null, or what is wrong with it.
   * @param {string} pin
   * @returns {Promise<string | null>}
   */
  async reopen(pin) {
    try {
      await this.services.account.unlock(pin);
    } catch (error) {
      const { name, left } = /** @type {{name: string, left: number}} */ (error);
      if (name === 'WrongPinError') {
        this.signal.give('refused');
        return left === 1 ? this.t('pin_wrong_one') : this.t('pin_wrong', { left });
      }
      if (name !== 'WipedError') throw error;
      this.#forget();
      this.notice = this.t('pin_wiped');
      this.state = 'blocked';
      this.changed();
      return null;
    }
    this.notice = '';
    await this.begin();
    // After the frame with the list in it: a sync draws it again.
    requestAnimationFrame(() => setTimeout(() => this.synchronise().catch(() => {})));
    return null;
  }

  somebodyElse() {
    this.state = 'signedOut';
    this.changed();
  }

  startAnew() {
    this.state = 'new';
    this.notice = '';
    this.changed();
  }

  /** Close the app until the PIN is given; not in the middle of something at a door. */
  lock() {
    if (this.state !== 'open' || this.doorway.busy) return;
    this.services.account.lock();
    this.#forget();
    this.lastPerson = true;
    this.state = 'locked';
    this.changed();
  }

  async signOut() {
    // What waits is sent while the session still says whose it is; it stays if it cannot be.
    await this.synchronise();
    await this.services.account.signOut();
    this.#forget();
    this.go('#');
    await this.begin();
  }

  /** The server or a lock of ours says that this phone is blocked: nothing of it is left. */
  blocked() {
    this.services.account.lock();
    this.#forget();
    this.notice = '';
    this.state = 'blocked';
    this.changed();
  }

  #forget() {
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    Object.assign(this, {
      session: null,
      day: null,
      entered: [],
      progress: new Map(),
      moved: [],
      grants: [],
    });
  }

  // The day.

  /** Read everything that is sealed under the PIN. */
  async read() {
    const book = this.services.account.book;
    if (!book) return;
    const [session, day, facts, grants, moved] = await Promise.all([
      book.session(),
      book.day(),
      book.facts(),
      book.grants(),
      this.services.moved(),
    ]);
    if (book !== this.services.account.book) return;
    this.session = session;
    this.day = day;
    this.entered = facts;
    this.progress = progressOf(facts);
    this.grants = grants;
    this.moved = moved;
  }

  /** @param {string} number */
  client(number) {
    return this.day?.clients.find((client) => client.number === number) ?? null;
  }

  /** @param {string} id */
  visit(id) {
    return this.day?.visits.find((visit) => visit.id === id) ?? null;
  }

  /** @param {{client: string, visit: string | null}} about */
  progressOf(about) {
    return this.progress.get(stayKey(about));
  }

  /**
   * Whether a visit that waits has a lock, and this phone no key to it.
   * @param {Visit} visit
   */
  lacksKey(visit) {
    const front = this.client(visit.client)?.doors.front;
    if (!front || visit.end < this.now()) return false;
    return !this.grants.some(
      (grant) => grant.installation === front && grant.notAfter > visit.start,
    );
  }

  /** Alarms that nobody here has put aside. */
  get alarms() {
    return (this.day?.alarms ?? []).filter((alarm) => !this.#closedAlarms.has(alarm.id));
  }

  /** @param {string} id */
  closeAlarm(id) {
    this.#closedAlarms.add(id);
    this.go('#');
  }

  /** Put an alarm before everything else, once. */
  #showAlarm() {
    if (this.state !== 'open' || this.doorway.busy) return;
    const alarm = this.alarms.find((one) => !this.#shownAlarms.has(one.id));
    if (!alarm) return;
    this.#shownAlarms.add(alarm.id);
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    this.signal.give('refused');
    this.go(`#/larm/${alarm.id}`);
  }

  /** What a service is called. @param {string} code */
  service(code) {
    return this.day?.services[code]?.[this.language] ?? code;
  }

  // What is entered.

  /**
   * Store an entry; EntryError says what is missing. It is on stable storage when this ends.
   * @param {string} kind
   * @param {About} about
   * @param {Record<string, unknown>} detail
   */
  async enter(kind, about, detail) {
    const made = entry(kind, about, detail, { id: crypto.randomUUID(), at: this.now() });
    await this.services.keepEntry(made);
    this.entered = [...this.entered, made];
    this.progress = progressOf(this.entered);
    await this.count();
    this.changed();
    this.services.soon();
    return made;
  }

  /**
   * Whether a reason is due before this client's door is opened.
   * @param {Client} client
   * @param {string | null} visit
   */
  mustSayWhy(client, visit) {
    if (visit !== null || this.alarms.some((alarm) => alarm.client === client.number)) return false;
    const now = this.now();
    const planned = (this.day?.visits ?? []).some(
      (one) =>
        one.client === client.number &&
        one.start - AROUND_A_VISIT < now &&
        now < one.end + AROUND_A_VISIT,
    );
    return (
      !planned &&
      !this.entered.some(
        (one) =>
          one.kind === 'unplanned' && one.client === client.number && now - one.at < REASON_HOLDS,
      )
    );
  }

  // What waits.

  async count() {
    this.waiting = await this.services.waiting();
  }

  /** @type {Promise<unknown>} */
  #synced = Promise.resolve();

  /**
   * Send what waits and fetch the day; what is wrong is said where it waits. One that is asked for
   * while another runs comes after it: somebody may have signed in meanwhile.
   * @returns {Promise<void>}
   */
  synchronise() {
    const mine = this.#synced.then(() => this.#synchronise());
    this.#synced = mine.catch(() => {});
    return mine;
  }

  async #synchronise() {
    this.syncing = true;
    this.changed();
    try {
      await this.services.sync();
      this.trouble = '';
      this.offset = await this.services.offset();
      const [state] = await Promise.all([this.services.account.state(), this.read()]);
      // It may have been locked meanwhile.
      if (this.state === 'open') this.#opened(state === 'over');
      this.#showAlarm();
    } catch (error) {
      const { name } = /** @type {Error} */ (error);
      if (name === 'BlockedError') this.blocked();
      // Somebody has left meanwhile: what came was theirs.
      if (name === 'BlockedError' || name === 'GoneError') return;
      const words = this.wordsFor(error);
      if (words === null) throw error;
      this.trouble = this.services.online() ? words : this.t('offline');
    } finally {
      this.syncing = false;
      await this.count();
      const { aside, full, total } = this.waiting;
      if (full) this.trouble = this.t('storage_full');
      else if (aside > 0) this.trouble = this.t('server_refuses');
      else if (total > 0) this.trouble ||= this.t('sent_some');
      this.changed();
    }
  }
}

/**
 * Labels in homes: a reading is stored first, then it begins or ends the visit it belongs to.
 *
 * House rules: every reading goes to the server, of whomever the label is, because whether it is
 * genuine only the server can tell; the phone only finds the visit.
 */
import { clientOf, readLabel } from '../day/labels.js';
import { goesOn, ofToday, standing } from '../day/visits.js';
import { RadioError } from '../radio/port.js';
import { about, askEnd } from '../screens/visiting.js';
import { called } from '../screens/parts.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('./app.js').Client} Client */

const ERRORS = /** @type {Record<string, import('./words.js').Key>} */ ({
  missing: 'nfc_missing',
  denied: 'nfc_denied',
  off: 'nfc_off',
});

export class Labels {
  #app;
  #reader;
  #origin;
  #listens = false;
  /** @type {Client | null} */
  #expected = null;

  /**
   * @param {App} app
   * @param {import('../radio/port.js').LabelReader} reader
   * @param {string} origin
   */
  constructor(app, reader, origin) {
    this.#app = app;
    this.#reader = reader;
    this.#origin = origin;
  }

  /**
   * Read labels from now on; the first time needs a tap and the browser's question.
   * @param {Client | null} client  whose label is expected; the newest wish counts
   */
  async listen(client) {
    const app = this.#app;
    this.#expected = client;
    if (!this.#listens) {
      try {
        await this.#reader.scan(
          ({ url }) => app.guard(() => this.address(url, this.#expected)),
          (trouble) =>
            app.say(app.t(trouble === 'strange' ? 'label_not_ours' : 'label_unreadable')),
        );
      } catch (error) {
        if (!(error instanceof RadioError)) throw error;
        app.say(app.t(ERRORS[error.kind] ?? 'nfc_missing'));
        return;
      }
      this.#listens = true;
    }
    app.say(app.t('label_reading'));
  }

  /**
   * A label's address: from a reading here, or because the phone opened the app with it.
   * @param {string} address
   * @param {Client | null} [expected]
   */
  async address(address, expected = null) {
    const app = this.#app;
    const reading = readLabel(address, this.#origin);
    if (!reading) {
      app.say(app.t('label_not_ours'));
      return;
    }
    const client = clientOf(reading.label, app.day?.clients ?? []);
    const visit = client ? this.#visitOf(client) : null;
    const progress = client && app.progressOf(about(client, visit));
    const ends = goesOn(progress);
    const use = client === null ? 'open' : ends ? 'end' : 'start';
    await app.enter(
      'tap',
      { client: client?.number ?? null, visit: visit?.id ?? null },
      { ...reading, use },
    );
    app.signal.give('noted');
    if (!client) {
      app.say(app.t('label_unknown'));
      return;
    }
    if (expected && expected.number !== client.number)
      app.say(app.t('label_other', { name: called(client) }));
    app.go(visit ? `#/besok/${visit.id}` : `#/kund/${client.number}`);
    if (ends) {
      askEnd(app, client, visit, { how: 'label' });
      return;
    }
    await app.enter('visit_start', about(client, visit), { how: 'label' });
    app.say(app.t('started'));
  }

  /**
   * The visit that a label of this client is about: the one that runs, else the nearest that waits.
   * @param {Client} client
   */
  #visitOf(client) {
    const app = this.#app;
    const now = app.now();
    const visits = ofToday(app.day?.visits ?? [], now).filter(
      (visit) => visit.client === client.number,
    );
    const of = (/** @type {import('../day/visits.js').Visit} */ visit) =>
      standing(visit, app.progress.get(visit.id), now);
    return (
      visits.find((visit) => of(visit) === 'running') ??
      visits
        .filter((visit) => ['ahead', 'now', 'unregistered'].includes(of(visit)))
        .sort((one, other) => Math.abs(one.start - now) - Math.abs(other.start - now))[0] ??
      null
    );
  }
}

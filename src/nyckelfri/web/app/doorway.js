/**
 * One tap at a door: choose its lock if need be, ask it, tell what happens.
 *
 * House rules: one command at a time; what the lock answered is stored by the visitor before it is
 * shown; what follows from an opening (the visit has begun) is entered when the motor has moved.
 */
import { goesOn } from '../day/visits.js';
import { Command } from '../door/grants.js';
import { Reason } from '../door/reasons.js';
import { ChooserCancelled, RadioError } from '../radio/port.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../day/doors.js').Step} Step */
/** @typedef {import('../phone/visitor.js').Visitor} Visitor */
/**
 * What came of a tap. `done`: the motor has moved. `unsure`: the lock said yes and then nothing.
 * @typedef {object} Outcome
 * @property {'done' | 'unsure' | 'jammed' | 'refused' | 'no_lock' | 'lost' | 'cancelled' | 'no_grant'
 *   | 'off' | 'denied' | 'missing' | 'failed' | 'withdrawn'} kind
 * @property {number} [reason]  why it was refused, a `Reason`
 */
/** @typedef {'searching' | 'choosing' | 'connecting' | 'checking' | 'moving' | 'retrying'} DoorStage */

/** @type {Partial<Record<import('../phone/steps.js').Stage, DoorStage>>} */
const STAGES = {
  searching: 'searching',
  found: 'connecting',
  connected: 'checking',
  lockProven: 'checking',
  decided: 'moving',
  retrying: 'retrying',
};
/** @type {Record<Outcome['kind'], import('./words.js').Key>} */
const WORDS = {
  done: 'opened_unsure',
  unsure: 'opened_unsure',
  jammed: 'jammed',
  refused: 'no_grant',
  no_lock: 'no_lock_found',
  lost: 'link_lost',
  cancelled: 'chooser_cancelled',
  no_grant: 'no_grant',
  off: 'bluetooth_off',
  denied: 'bluetooth_denied',
  missing: 'bluetooth_missing',
  failed: 'link_lost',
  withdrawn: 'withdrawn',
};

export class Doorway {
  #app;
  #parts;
  /** What the tap before still does: its courier goes on when the door has moved. */
  #before = Promise.resolve();
  busy = false;

  /**
   * @param {App} app
   * @param {object} parts
   * @param {import('../radio/port.js').Radio} parts.radio
   * @param {import('../phone/account.js').Account} parts.account
   * @param {(report: (step: import('../phone/steps.js').Step) => void) => Visitor} parts.visitor
   */
  constructor(app, parts) {
    this.#app = app;
    this.#parts = parts;
  }

  /**
   * The words for an outcome that is not a door that moved.
   * @param {Outcome} outcome
   */
  words({ kind, reason }) {
    return kind === 'refused'
      ? this.#app.words.reason(reason ?? Reason.unknown)
      : this.#app.t(WORDS[kind]);
  }

  /**
   * Do one step, after the one before. `onOutcome` is called as soon as the motor has moved; what
   * this gives is final.
   * @param {Step} step
   * @param {import('./app.js').About} about
   * @param {{wide?: boolean, onStage: (stage: DoorStage) => void, onOutcome: (outcome: Outcome) => void}} told
   * @returns {Promise<Outcome>}
   */
  go(step, about, told) {
    const turn = this.#before.then(() => this.#go(step, about, told));
    this.#before = turn.then(
      () => {},
      () => {},
    );
    return turn;
  }

  /** @type {Doorway['go']} */
  async #go(step, about, { wide = false, onStage, onOutcome }) {
    this.busy = true;
    this.#app.signal.wake();
    let early = false;
    const settle = async (/** @type {Outcome} */ outcome) => {
      if (early) return;
      early = true;
      onOutcome(outcome);
      await this.#happened(step, about, outcome);
    };
    try {
      const outcome = await this.#visit(step, wide, onStage, settle);
      await settle(outcome);
      return outcome;
    } finally {
      this.busy = false;
      this.#app.services.soon();
    }
  }

  /**
   * @param {Step} step
   * @param {boolean} wide
   * @param {(stage: DoorStage) => void} onStage
   * @param {(outcome: Outcome) => Promise<void>} settle
   * @returns {Promise<Outcome>}
   */
  async #visit(step, wide, onStage, settle) {
    const { account, radio } = this.#parts;
    const { book } = account;
    const door = (await book?.doors())?.find((one) => one.installation === step.installation);
    if (!book || !door) return { kind: 'no_grant' };
    // Whoever opened a door locks it behind them, whatever the time is.
    if (step.command === 'unlock') await account.signedIn();
    const visitor = this.#parts.visitor((said) => {
      const stage = STAGES[said.stage];
      if (said.stage === 'moved') settle(moved(said.details.result)).catch(() => {});
      else if (stage && !(said.stage === 'decided' && said.details.reason !== Reason.granted))
        onStage(stage);
    });
    try {
      let device = wide ? null : await visitor.known(door);
      if (!device) {
        const state = await radio.state();
        if (state !== 'ready') return { kind: state };
        onStage('choosing');
        device = await visitor.choose(door, { wide });
      }
      const outcome = outcomeOf(await visitor.command(door, Command[step.command], { device }));
      // The browser does not say why a link was lost.
      if (outcome.kind === 'lost' && (await radio.state()) === 'off') return { kind: 'off' };
      return outcome;
    } catch (error) {
      if (error instanceof ChooserCancelled) return { kind: 'cancelled' };
      if (error instanceof RadioError) {
        return { kind: error.kind === 'given_up' ? 'cancelled' : error.kind };
      }
      if (/** @type {Error} */ (error).name === 'NoGrantError') return { kind: 'no_grant' };
      if (/** @type {Error} */ (error).name === 'BlockedError') this.#app.blocked();
      throw error;
    }
  }

  /**
   * What follows from it: felt, heard, remembered, entered.
   * @param {Step} step
   * @param {import('./app.js').About} about
   * @param {Outcome} outcome
   */
  async #happened(step, about, { kind }) {
    const app = this.#app;
    app.signal.give(kind !== 'done' ? 'refused' : step.command === 'lock' ? 'locked' : 'granted');
    if (kind !== 'done') return;
    await app.services.doorMoved(step);
    app.moved = await app.services.moved();
    if (step.door === 'front' && step.command === 'unlock') {
      const progress = about.client && app.progressOf(/** @type {any} */ (about));
      if (!goesOn(progress || null)) await app.enter('visit_start', about, { how: 'door' });
    }
    app.changed();
  }
}

/** @param {unknown} result  of the motor: done, jammed, unknown @returns {Outcome} */
const moved = (result) => ({
  kind: result === 'done' ? 'done' : result === 'jammed' ? 'jammed' : 'unsure',
});

/**
 * @param {import('../phone/visitor.js').Visit} visit
 * @returns {Outcome}
 */
function outcomeOf({ reason, trouble, errand }) {
  if (reason === null) return { kind: trouble === 'noLock' ? 'no_lock' : 'lost' };
  if (reason !== Reason.granted) return { kind: 'refused', reason };
  return { kind: errand?.outcome ? 'done' : 'unsure' };
}

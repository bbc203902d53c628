/**
 * The big button, and what happens at the door, as it happens.
 *
 * House rules: one tap is one command; the answer is shown the moment the motor has moved, not when
 * all else is done; a refusal says what to do; nobody waits without being told for what.
 */
import { icon } from './icons.js';
import { fill, h } from '../base/dom.js';
import { allSteps, nextStep } from '../day/doors.js';
import { askWhatWasDone, askWhy } from './visiting.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../app/app.js').Client} Client */
/** @typedef {import('../day/doors.js').Step} Step */
/** @typedef {import('../app/doorway.js').Outcome} Outcome */

/** How far along each stage is, percent of the bar. */
const PARTS = Object.freeze({
  searching: 10,
  choosing: 15,
  connecting: 35,
  checking: 60,
  moving: 80,
  retrying: 40,
});
/** Milliseconds after which somebody who waits is told for what. */
export const TELL_AFTER = 4000;
/** Milliseconds for which a good answer stands before the next step takes its place. */
const SHOWN_FOR = 8000;

export class DoorPanel {
  #app;
  #client;
  #visit;
  /** @type {{stage: keyof typeof PARTS, step: Step, slow: boolean} | null} */
  #going = null;
  /** @type {{step: Step, outcome: Outcome} | null} */
  #result = null;
  #tap = 0;
  #tellAfter = 0;
  #clearAfter = 0;

  /**
   * @param {App} app
   * @param {Client} client
   * @param {{visit: string | null, plain?: boolean}} options  `plain`: on paper and not on the card
   */
  constructor(app, client, { visit, plain = true }) {
    this.#app = app;
    this.#client = client;
    this.#visit = visit;
    this.node = h('section', {
      class: `door ${plain ? 'plain' : ''}`,
      'aria-label': app.t('front_door'),
    });
    this.update();
  }

  /** Whether something happens at this door, or its answer still stands. */
  get holds() {
    return this.#going !== null || this.#result !== null;
  }

  /** Draw what stands now. */
  update() {
    const focused = this.node.contains(document.activeElement) && document.activeElement;
    const step = nextStep(this.#client.doors, this.#app.moved, this.#app.now());
    if (!step)
      fill(
        this.node,
        h('p', { class: 'tell' }, icon('door'), h('span', {}, this.#app.t('no_lock'))),
      );
    else if (this.#going) fill(this.node, this.#goingNode(this.#going));
    else fill(this.node, this.#result && this.#resultNode(this.#result), this.#buttons(step));
    if (!focused || !focused.id) return;
    // Whoever goes by keyboard stays at the door, whatever it shows.
    const again =
      this.node.querySelector(`#${focused.id}`) ?? this.node.querySelector('#go, #going');
    /** @type {HTMLElement | null} */ (again)?.focus({ preventScroll: true });
  }

  /** @param {{stage: keyof typeof PARTS, step: Step, slow: boolean}} going */
  #goingNode({ stage, step, slow }) {
    const { t } = this.#app;
    const words =
      stage === 'moving' && step.command === 'lock' ? t('stage_moving_lock') : t(`stage_${stage}`);
    return h(
      'div',
      { id: 'going', class: 'going busy', role: 'status', 'aria-live': 'polite', tabindex: -1 },
      h('small', {}, t(/** @type {any} */ (`do_${step.command}_${step.door}`))),
      h('strong', {}, words),
      h('div', { class: 'track', vars: { part: PARTS[stage] }, 'aria-hidden': 'true' }, h('span')),
      slow && h('p', {}, t('stage_waiting')),
    );
  }

  /** @param {{step: Step, outcome: Outcome}} result */
  #resultNode({ step, outcome }) {
    const { t } = this.#app;
    const tone = outcome.kind === 'done' ? 'good' : outcome.kind === 'unsure' ? 'unsure' : 'bad';
    const title =
      outcome.kind === 'done'
        ? t(
            step.command === 'lock'
              ? 'locked_front'
              : step.door === 'front'
                ? 'opened_front'
                : 'opened_entrance',
          )
        : this.#app.doorway.words(outcome);
    const name = tone !== 'good' ? 'warning' : step.command === 'lock' ? 'locked' : 'unlocked';
    return h(
      'div',
      { class: `result ${tone}`, role: tone === 'bad' ? 'alert' : 'status' },
      icon(name),
      h('div', {}, h('strong', {}, title)),
    );
  }

  /** @param {Step} step */
  #buttons(step) {
    const { t } = this.#app;
    const bad = this.#result && !['done', 'unsure'].includes(this.#result.outcome.kind);
    const again = bad && this.#result ? this.#result.step : step;
    const others = allSteps(this.#client.doors, this.#app.moved, this.#app.now()).filter(
      (one) => one.installation !== again.installation || one.command !== again.command,
    );
    return [
      h(
        'button',
        {
          type: 'button',
          id: 'go',
          class: `go ${again.command}`,
          on: { click: () => this.#app.guard(() => this.go(again)) },
        },
        icon(again.command === 'lock' ? 'locked' : again.door === 'front' ? 'unlocked' : 'door'),
        bad ? t('retry') : t(/** @type {any} */ (`${again.command}_${again.door}`)),
      ),
      this.#result?.outcome.kind !== 'done' &&
        h(
          'div',
          { class: 'others' },
          others.map((one) =>
            this.#small(/** @type {any} */ (`do_${one.command}_${one.door}`), () => this.go(one)),
          ),
          bad && this.#small('wide', () => this.go(again, { wide: true })),
          bad && this.#small('who_can_help', () => this.#app.go(`#/hjalp/${this.#client.number}`)),
        ),
    ];
  }

  /**
   * @param {import('../app/words.js').Key} key
   * @param {() => unknown} act
   */
  #small(key, act) {
    return h(
      'button',
      { type: 'button', id: key, class: 'tap', on: { click: () => this.#app.guard(act) } },
      this.#app.t(key),
    );
  }

  /**
   * Do one step; a client outside the visits is asked about first.
   * @param {Step} step
   * @param {{wide?: boolean}} [options]
   */
  async go(step, { wide = false } = {}) {
    if (this.#going) return;
    if (step.command === 'unlock' && this.#app.mustSayWhy(this.#client, this.#visit)) {
      askWhy(this.#app, this.#client, () => this.go(step, { wide }));
      return;
    }
    clearTimeout(this.#clearAfter);
    this.#result = null;
    // While its courier goes on, the next tap may have come, and this one says nothing more.
    const tap = (this.#tap += 1);
    const last = () => tap === this.#tap;
    this.#stage('searching', step);
    const about = { client: this.#client.number, visit: this.#visit };
    try {
      const outcome = await this.#app.doorway.go(step, about, {
        wide,
        onStage: (stage) => last() && this.#stage(stage, step),
        onOutcome: (early) => last() && this.#show(step, early),
      });
      if (last()) this.#show(step, outcome);
      if (outcome.kind === 'done' && step.command === 'lock')
        askWhatWasDone(this.#app, this.#client, this.#visit);
    } finally {
      if (last()) {
        this.leave();
        this.#going = null;
        this.#fade();
        this.update();
      }
    }
  }

  /**
   * @param {keyof typeof PARTS} stage
   * @param {Step} step
   */
  #stage(stage, step) {
    if (this.#result) return;
    const slow = this.#going?.slow ?? false;
    this.#going = { stage, step, slow };
    if (stage === 'choosing') {
      // The browser's own box is open, and says itself that it looks.
      clearTimeout(this.#tellAfter);
      this.#tellAfter = 0;
    } else if (!slow && this.#tellAfter === 0) {
      this.#tellAfter = window.setTimeout(() => {
        if (this.#going) this.#going.slow = true;
        this.update();
      }, TELL_AFTER);
    }
    this.update();
  }

  /**
   * @param {Step} step
   * @param {Outcome} outcome
   */
  #show(step, outcome) {
    this.#going = null;
    this.#result = { step, outcome };
    this.update();
  }

  /** A good answer makes room after a while. */
  #fade() {
    if (this.#result?.outcome.kind !== 'done') return;
    this.#clearAfter = window.setTimeout(() => {
      this.#result = null;
      this.#app.changed();
    }, SHOWN_FOR);
  }

  /** The screen is left. */
  leave() {
    clearTimeout(this.#tellAfter);
    clearTimeout(this.#clearAfter);
    this.#tellAfter = 0;
  }
}

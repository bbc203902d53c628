/**
 * What the app says, in which language, and what time it is.
 *
 * House rules: `change` asks the frame to draw, `say` to say something for a moment; an error that
 * nobody expected is told without its text.
 */
import { keyFor, wordsIn } from './words.js';

/** @typedef {import('./words.js').Language} Language */

export class Speaker extends EventTarget {
  /** Server time less this phone's own, seconds. */
  offset = 0;
  #clock;
  #remember;

  /**
   * @param {object} parts
   * @param {Language} parts.language
   * @param {() => number} parts.clock  this phone's own Unix seconds
   * @param {(language: Language) => void} parts.remember
   */
  constructor({ language, clock, remember }) {
    super();
    this.#clock = clock;
    this.#remember = remember;
    this.words = wordsIn(language);
    /** @type {Language} */
    this.language = language;
  }

  get t() {
    return this.words.t;
  }

  get clock() {
    return this.words.clock;
  }

  get longDay() {
    return this.words.longDay;
  }

  get dayAndClock() {
    return this.words.dayAndClock;
  }

  /** Unix seconds, as the server has corrected them. */
  now() {
    return Math.floor(this.#clock() + this.offset);
  }

  /** Whether the phone's own clock is two minutes wrong or more. */
  get clockWrong() {
    return Math.abs(this.offset) >= 120;
  }

  changeLanguage() {
    this.language = this.language === 'sv' ? 'en' : 'sv';
    this.words = wordsIn(this.language);
    document.documentElement.lang = this.language;
    this.#remember(this.language);
    this.changed();
  }

  changed() {
    this.dispatchEvent(new Event('change'));
  }

  /**
   * Say something for a moment, with what can be done about it.
   * @param {string} words
   * @param {{words: string, act: () => unknown}} [act]
   */
  say(words, act) {
    const guarded = act && { words: act.words, act: () => this.guard(act.act) };
    this.dispatchEvent(new CustomEvent('say', { detail: { words, act: guarded } }));
  }

  /**
   * Do something that may fail, and say so in words when it does.
   * @param {() => unknown} act
   */
  async guard(act) {
    try {
      await act();
    } catch (error) {
      const words = this.wordsFor(error);
      this.say(words ?? this.t('unexpected'));
      if (words === null) console.error(error instanceof Error ? error.name : 'error');
    }
  }

  /** @param {unknown} error */
  wordsFor(error) {
    const key = keyFor(error);
    return key && this.t(key);
  }
}

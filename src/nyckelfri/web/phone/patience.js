/**
 * How long the phone spares a server that has said that it is busy.
 *
 * House rules: until then the phone sends little at a time, which is taken in all the same. Nobody
 * waits exactly as long as was said: all were told at about the same time.
 */
import { MAX_LATER } from './wire.js';

/** What a phone remembers of it while the app runs. */
export class Patience {
  #random;
  #until = 0;

  /** @param {() => number} [random] from 0 to 1 */
  constructor(random = Math.random) {
    this.#random = random;
  }

  /** The server has said after how many seconds to come again. @param {number} later
   * @param {number} now */
  told(later, now) {
    if (later) this.#until = now + later + Math.max(1, later / 4) * this.#random();
  }

  /** Seconds that are left. @param {number} now @returns {number} */
  left(now) {
    const left = this.#until - now;
    // A phone's clock may be set back: no wait is longer than the longest.
    return left > 0 && left <= 2 * MAX_LATER ? left : 0;
  }
}

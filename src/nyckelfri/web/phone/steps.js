/**
 * What a visit to a door tells while it goes on.
 *
 * House rules: a step names no key, no person and no address; whoever shows it adds the words.
 */

/** Where a visit is. @typedef {'searching' | 'found' | 'connected' | 'lockProven' | 'decided'
 *   | 'retrying' | 'status' | 'delivered' | 'moved' | 'fetched' | 'ended'} Stage */

/** One step: milliseconds since the command began, and what belongs to its stage:
 * `decided` reason and number; `status` battery, mark, offBy; `delivered` what and taken;
 * `moved` result (done, jammed, unknown); `fetched` batches and until.
 * @typedef {{stage: Stage, milliseconds: number,
 *   details: Record<string, string | number | null>}} Step */

/** Stamps steps with the time since it was made; `ticks` is a clock in milliseconds. */
export class Progress {
  #report;
  #ticks;
  #start;

  /** @param {(step: Step) => void} report @param {() => number} [ticks] */
  constructor(report, ticks = () => performance.now()) {
    this.#report = report;
    this.#ticks = ticks;
    this.#start = ticks();
  }

  /** Since the beginning. */
  get milliseconds() {
    return this.#ticks() - this.#start;
  }

  /** Report one step. @param {Stage} stage @param {Step['details']} [details] */
  tell(stage, details = {}) {
    this.#report({ stage, milliseconds: Math.round(this.milliseconds), details });
  }
}

/**
 * One end of a link that carries whole messages, over any stream (`port.js`).
 *
 * House rules: one message is sent and one awaited at a time. Everything that ends a link is a
 * LinkError. No byte of a message ever reaches a log or an error text. What arrives while nobody
 * reads is bounded: the sender of too much loses the link. The same as `radio/link.py`.
 */

import { Assembler, FramingError, MAX_MESSAGE, cut } from '../door/framing.js';
import { LinkClosed, LinkError, LinkTimeout } from './port.js';
import { within } from './within.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Stream } from './port.js' */

/** One longest message that is being read, and one behind it, each with its length. */
export const INBOX_LIMIT = 2 * (2 + MAX_MESSAGE);

export class FramedLink {
  #stream;
  #assembler = new Assembler();
  /** @type {string | null} */
  #lost = null;
  #news = () => {};

  /** @param {Stream} stream that nobody listens to yet */
  constructor(stream) {
    this.#stream = stream;
    stream.listen(
      (piece) => this.#push(piece),
      (why) => this.#end(why),
    );
  }

  /** Whether no message can be sent any more. */
  get closed() {
    return this.#lost !== null;
  }

  /** Why, for the log; empty while it is open. */
  get why() {
    return this.#lost ?? '';
  }

  /** The next message of at most `limit` bytes, whole within `milliseconds`. Messages that came
   * before the link ended may still be read. LinkTimeout; LinkClosed, also for broken framing.
   * @param {number} milliseconds @param {number} limit @param {AbortSignal} [signal]
   * @returns {Promise<Bytes>} */
  async receive(milliseconds, limit, signal) {
    this.#assembler.limit = limit;
    const end = performance.now() + milliseconds;
    for (;;) {
      const message = this.#take();
      if (message !== null) return message;
      if (this.#lost !== null) throw new LinkClosed(this.#lost);
      const news = new Promise((resolve) => (this.#news = () => resolve(undefined)));
      await within(news, end - performance.now(), signal, (why) =>
        why === 'given up'
          ? new LinkClosed(why)
          : new LinkTimeout(`no whole message within ${milliseconds} ms`),
      );
    }
  }

  /** Send one message of 1 to 65 535 bytes; returning does not prove that it arrived. LinkClosed.
   * @param {Uint8Array} message */
  async send(message) {
    for (const piece of cut(message, this.#stream.pieceSize)) {
      if (this.#lost !== null) throw new LinkClosed(this.#lost);
      try {
        await this.#stream.write(piece);
      } catch (error) {
        if (error instanceof LinkError) this.#end(error.message);
        throw error;
      }
    }
  }

  /** End the link. Safe to call again, never rejects. */
  async close() {
    this.#end('closed by this side');
    await this.#stream.close();
  }

  /** @param {Uint8Array} piece */
  #push(piece) {
    if (this.#lost !== null) return;
    if (this.#assembler.waiting + piece.length > INBOX_LIMIT) {
      this.#end('the other side sends more than anybody reads');
      return;
    }
    this.#assembler.push(piece);
    this.#news();
  }

  #take() {
    try {
      return this.#assembler.take();
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#end(`framing: ${error.message}`);
      throw new LinkClosed(this.why);
    }
  }

  /** @param {string} why the first reason stays */
  #end(why) {
    this.#lost ??= why;
    this.#news();
  }
}

/**
 * A Stream in the hands of a test: it shows what is written, and says what the test wants.
 */

/** @import { Stream } from '../../../src/nyckelfri/web/radio/port.js' */

/** @param {number} [pieceSize] */
export function scripted(pieceSize = 20) {
  /** @type {Uint8Array[]} */
  const written = [];
  /** @type {(piece: Uint8Array) => void} */
  let say = () => {};
  /** @type {(why: string) => void} */
  let lose = () => {};
  let closed = 0;
  /** @type {Error | null} */
  let fault = null;
  /** @type {Stream} */
  const stream = {
    pieceSize,
    write: async (piece) => {
      if (fault) throw fault;
      written.push(piece);
    },
    listen: (onPiece, onLost) => ([say, lose] = [onPiece, onLost]),
    close: async () => {
      closed += 1;
    },
  };
  return {
    stream,
    written,
    /** @param {number[]} piece */
    say: (...piece) => say(Uint8Array.from(piece)),
    /** @param {string} why */
    lose: (why) => lose(why),
    /** @param {Error} error */
    fail: (error) => (fault = error),
    closed: () => closed,
  };
}

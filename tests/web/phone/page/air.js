/**
 * The Radio port on an air in memory: real locks, behind the test's own web server.
 *
 * House rule: as with Web Bluetooth, a lock must be chosen once, and is then known by the payloads
 * that it was chosen by.
 */

import { fromHex, toHex } from './web/base/bytes.js';
import { ChooserCancelled, LinkClosed } from './web/radio/port.js';

/** Longest piece, so small that every message is cut. */
const PIECE = 20;

async function ask(what, body) {
  const response = await fetch(`/air/${what}`, { method: 'POST', body: JSON.stringify(body) });
  return response.json();
}

/** @param {() => void} die  called when the phone's battery is empty */
export function airInMemory(die) {
  const met = new Map();
  const keyOf = (payloads) => payloads.map(toHex).sort().join(' ');
  return {
    state: async () => 'ready',
    async choose(payloads, { wide = false } = {}) {
      const { device } = await ask('choose', { payloads: payloads.map(toHex), wide });
      if (device === null) throw new ChooserCancelled('none was there');
      met.set(keyOf(payloads), device);
      return { id: device };
    },
    known(payloads) {
      const id = met.get(keyOf(payloads));
      return id === undefined ? null : { id };
    },
    forget({ id }) {
      for (const [key, value] of met) if (value === id) met.delete(key);
    },
    async connect({ id }) {
      const { link } = await ask('connect', { device: id });
      if (link === null) throw new LinkClosed('nobody answers');
      return stream(link, die);
    },
  };
}

function stream(link, die) {
  let open = true;
  let lose = () => {};
  const end = (why) => {
    if (open) lose(why);
    open = false;
  };
  return {
    pieceSize: PIECE,
    listen(onPiece, onLost) {
      lose = onLost;
      (async () => {
        while (open) {
          const { piece, lost, died } = await ask('read', { link });
          if (died) die();
          else if (lost) end(lost);
          else if (piece) onPiece(fromHex(piece));
          if (died || lost) return;
        }
      })();
    },
    async write(piece) {
      const { lost, died } = await ask('write', { link, piece: toHex(piece) });
      if (died) await die();
      if (lost) {
        end(lost);
        throw new LinkClosed(lost);
      }
    },
    async close() {
      await ask('close', { link });
      end('closed by this side');
    },
  };
}

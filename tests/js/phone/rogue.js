/** A lock's end of a courier session, over a link in memory, that says what the test wants. */

import { EMPTY, concat } from '../../../src/nyckelfri/web/base/bytes.js';
import { decodeSequence, encode } from '../../../src/nyckelfri/web/base/cbor.js';
import { Courier } from '../../../src/nyckelfri/web/door/index.js';
import { AesCcm } from '../../../src/nyckelfri/web/edhoc/index.js';
import { LinkClosed, LinkTimeout } from '../../../src/nyckelfri/web/radio/port.js';

/** @import { Bytes } from '../../../src/nyckelfri/web/base/bytes.js' */
/** @import { Encodable, Value } from '../../../src/nyckelfri/web/base/cbor.js' */
/** @import { Link } from '../../../src/nyckelfri/web/phone/opening.js' */

/** What one end has sent and the other not yet read. */
function pipe() {
  /** @type {Bytes[]} */
  const waiting = [];
  let closed = false;
  let news = () => {};
  return {
    /** @param {Bytes} message */
    put(message) {
      if (closed) throw new LinkClosed('closed');
      waiting.push(message);
      news();
    },
    close() {
      closed = true;
      news();
    },
    /** @param {number} milliseconds @param {AbortSignal} [signal] @returns {Promise<Bytes>} */
    async take(milliseconds, signal) {
      const end = Date.now() + milliseconds;
      for (;;) {
        const message = waiting.shift();
        if (message) return message;
        if (closed || signal?.aborted) throw new LinkClosed(closed ? 'closed' : 'given up');
        if (Date.now() >= end) throw new LinkTimeout('nothing came');
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, Math.min(20, end - Date.now()));
          news = () => (clearTimeout(timer), resolve(undefined));
        });
      }
    },
  };
}

/** Key and IV by label. @param {number} label */
const material = (label) => new Uint8Array(29).fill(label & 0xff);

/** Both ends: the phone's link and courier, and the lock. */
export async function rogue() {
  const [up, down] = [pipe(), pipe()];
  /** @type {Link} */
  const link = {
    send: async (message) => up.put(message),
    receive: (milliseconds, _limit, signal) => down.take(milliseconds, signal),
    close: async () => up.close(),
  };
  const [opening, sealing] = await Promise.all(
    [32768, 32769].map((label) => AesCcm.of(material(label).slice(0, 16), 16)),
  );
  /** @param {number} label @param {number} number */
  const nonce = (label, number) => {
    const iv = material(label).slice(16);
    iv[12] ^= number & 0xff;
    iv[11] ^= number >> 8;
    return iv;
  };
  let [sent, heard] = [0, 0];
  return {
    link,
    courier: await Courier.of(async (label) => material(label)),
    lock: {
      /** @param {number} type @param {...Encodable} fields */
      async say(type, ...fields) {
        const plain = concat(encode(type), ...fields.map((field) => encode(field)));
        down.put(await sealing.seal(nonce(32769, sent++), plain, EMPTY));
      },
      /** The next record: its type, then its fields. @returns {Promise<Value[]>} */
      async hear() {
        const data = await up.take(2_000);
        return decodeSequence(await opening.unseal(nonce(32768, heard++), data, EMPTY));
      },
      close: () => down.close(),
    },
  };
}

/**
 * What a lock says to everybody who listens, and how a phone knows its lock by it
 * (docs/protocol.md, 11).
 *
 * House rules: without the radio key an advertisement says nothing. First the three hours that
 * the protocol names; a phone whose clock is wrong may then listen for a day and a half around
 * it, because hearing costs nothing and a carer before a closed door cannot fix a clock.
 */

import { toHex, utf8 } from '../base/bytes.js';
import { hmac, hmacKey } from '../edhoc/index.js';

/** @import { Bytes } from '../base/bytes.js' */
/** Which door an advertisement is, and whether its lock says that it has lost the time.
 * @typedef {{readonly installation: Bytes, readonly lost: boolean}} Pseudonym */

export const PAYLOAD_BYTES = 8;
export const HOUR = 3600;
/** Of the Bluetooth SIG: "none", until the project has one of its own. */
export const COMPANY_ID = 0xffff;
/** Hours before and after the present one. */
export const NEAR = 1;
/** A clock chip's week, and a day and a half of the phone's own clock. */
export const WIDE = 7 * 24 + 36;
const LAST_HOUR = 0xffff_ffff;

/** The 8 bytes for one hour (Unix seconds div 3600), or for a clock that is lost (null).
 * @param {Bytes} radioKey @param {number | null} hour @returns {Promise<Bytes>} */
export const pseudonym = async (radioKey, hour) => said(await hmacKey(radioKey), hour);

/** All that one lock may say within `reach` hours of `now`, Unix seconds; first that it is lost.
 * @param {Bytes} radioKey @param {number} now @param {number} [reach] @returns {Promise<Bytes[]>} */
export async function payloads(radioKey, now, reach = NEAR) {
  const key = await hmacKey(radioKey);
  return Promise.all([null, ...hours(now, reach)].map((hour) => said(key, hour)));
}

/** Payload in hex to door, for doors and `reach` hours around `now`, Unix seconds.
 * @param {Iterable<{installation: Bytes, radioKey: Bytes}>} doors @param {number} now
 * @param {number} [reach] @returns {Promise<Map<string, Pseudonym>>} */
export async function pseudonyms(doors, now, reach = NEAR) {
  const found = await Promise.all(
    Array.from(doors, async ({ installation, radioKey }) =>
      (await payloads(radioKey, now, reach)).map((payload, at) => {
        /** @type {[string, Pseudonym]} */
        const entry = [toHex(payload), Object.freeze({ installation, lost: at === 0 })];
        return entry;
      }),
    ),
  );
  return new Map(found.flat());
}

/** @param {number} now @param {number} reach @returns {number[]} */
function hours(now, reach) {
  const present = Math.floor(now / HOUR);
  const first = Math.max(0, present - reach);
  const last = Math.min(present + reach, LAST_HOUR);
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

/** @param {CryptoKey} key @param {number | null} hour @returns {Promise<Bytes>} */
async function said(key, hour) {
  return (await hmac(key, hour === null ? utf8('lost') : uint32(hour))).slice(0, PAYLOAD_BYTES);
}

/** @param {number} value @returns {Bytes} */
function uint32(value) {
  const out = new Uint8Array(4);
  new DataView(out.buffer).setUint32(0, value);
  return out;
}

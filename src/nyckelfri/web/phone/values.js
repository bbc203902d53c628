/**
 * What the phone holds, as plain values.
 *
 * House rules: no I/O and no clock. Identifiers are lower-case hex, so that they can be keys of
 * maps and of rows; everything else that is bytes stays bytes. Times are Unix seconds. Whatever is
 * secret, or says where somebody lives, is never written into an error or a log.
 */

import { Command, scopeOf } from '../door/grants.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Bulletin } from '../door/bulletin.js' */
/** @import { DoorRecord } from '../door/opening.js' */
/** @import { KeySet, Root } from '../door/keyset.js' */

/** A door as the phone knows it; label and address are for the carer's eyes only.
 * @typedef {object} Door
 * @property {string} installation   8 bytes in hex: the id under which everybody knows this door
 * @property {DoorRecord} record
 * @property {string} kind   `thumb_turn` or `entrance_unit`
 * @property {string} label
 * @property {string} address */

/** A grant with the claims the phone needs of it.
 * @typedef {object} HeldGrant
 * @property {Bytes} data
 * @property {string} serial   8 bytes in hex
 * @property {string} installation
 * @property {number} notBefore
 * @property {number} notAfter
 * @property {number} scope   bits: 1 unlock, 2 lock, 4 service */

/** This phone has opened that door with that grant, and locked it again, null where it has not.
 * @typedef {{installation: string, serial: string, opened: number, locked: number | null}} Stay */

/** Who is signed in, until when; `token` is null after a sign-in without the server.
 * @typedef {object} Session
 * @property {string} number
 * @property {string} name
 * @property {number} until
 * @property {string | null} token
 * @property {Bytes} salt
 * @property {Bytes} verifier   of user name and password, for when the server is away
 * @property {number} misses   wrong passwords since, without the server */

/** What the phone believes of the municipality, each thing also as signed bytes.
 * @typedef {object} Trusted
 * @property {Root} root
 * @property {KeySet | null} keySet
 * @property {Bytes | null} signedKeySet
 * @property {Bulletin | null} bulletin
 * @property {Bytes | null} signedBulletin */

/** What a lock answered; number and head let the server notice a cut journal.
 * @typedef {object} OpeningRecord
 * @property {string} id   uuid
 * @property {string} installation
 * @property {string} serial
 * @property {number} command
 * @property {number} reason
 * @property {number} number
 * @property {string} head   8 bytes in hex
 * @property {number} phoneTime   server-corrected */

/** What a carer entered; `day/entries.js` makes it, and has checked it.
 * @typedef {object} Entry
 * @property {string} id   uuid
 * @property {string} kind
 * @property {number} at   server-corrected
 * @property {string | null} client   client number
 * @property {string | null} visit   visit number
 * @property {Record<string, any>} detail */

/** As it goes to the server: `employee` is the number of who entered it.
 * @typedef {Entry & {employee: string}} SentEntry */

/** What a lock said of itself at the last visit, and how far its journal was carried.
 * @typedef {object} Seen
 * @property {number} keySet
 * @property {number} epoch
 * @property {number} bulletin
 * @property {number} acknowledged
 * @property {number} carried */

/** Seconds behind an opening in which its grant still locks (docs/protocol.md, 7). */
export const STAY = 4 * 3600;

/** How unfit a grant is at `now`: seconds outside its window.
 * @param {HeldGrant} grant @param {number} now */
const outside = (grant, now) => Math.max(grant.notBefore - now, now - grant.notAfter + 1, 0);

/** The grant to show for `command` at `now`; null without any for this door.
 *
 * The grant that opened a running stay comes first for locking. Otherwise the one whose window is
 * nearest: the lock judges, because this phone's clock may be wrong.
 * @param {HeldGrant[]} grants @param {number} command @param {number} now
 * @param {Stay | null} [stay] @returns {HeldGrant | null} */
export function choose(grants, command, now, stay = null) {
  if (command === Command.lock && stay && stay.opened <= now && now - stay.opened <= STAY) {
    const opened = grants.find((grant) => grant.serial === stay.serial);
    if (opened) return opened;
  }
  const fit = grants.filter((grant) => grant.scope & scopeOf(command));
  const ordered = (fit.length ? fit : grants).toSorted(
    (left, right) => outside(left, now) - outside(right, now) || right.notAfter - left.notAfter,
  );
  return ordered[0] ?? null;
}

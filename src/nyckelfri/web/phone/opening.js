/**
 * The four messages at a door, over any link (docs/protocol.md, 6).
 *
 * House rules: nothing is said about the phone before the lock has proven itself. What the lock
 * answered is written down before anything else is done. No clock and no radio here.
 */

import { NotAcceptedError, PhoneOpening } from '../door/opening.js';

/** @import { Courier } from '../door/courier.js' */
/** @import { Carried, Decision, DoorRecord } from '../door/opening.js' */
/** @import { PhoneKey } from './keys.js' */
/** @import { Progress } from './steps.js' */
/** @import { HeldGrant } from './values.js' */

/** Milliseconds; a lock answers in a fraction, unless another phone is before this one, or the
 * motor still finishes the last command. */
export const MESSAGE_2_WITHIN = 8_000;
export const MESSAGE_4_WITHIN = 6_000;
/** Bytes of message 2 or 4 at most. */
const MAX_ANSWER = 256;

/** What a visit needs of a link; `radio/link.js` makes one.
 * @typedef {object} Link
 * @property {(message: Uint8Array<ArrayBuffer>) => Promise<void>} send   LinkClosed
 * @property {(milliseconds: number, limit: number, signal?: AbortSignal)
 *   => Promise<Uint8Array<ArrayBuffer>>} receive   LinkTimeout, LinkClosed
 * @property {() => Promise<void>} close   never rejects */

/** What the phone wants at which door, and what it shows for it.
 * @typedef {{door: DoorRecord, command: number, grant: HeldGrant, key: PhoneKey,
 *   carried: Carried}} Ask */

/** This is not the lock of that door, or it will not begin to talk. */
export class StrangerError extends NotAcceptedError {
  name = 'StrangerError';
}

/** The lock's decision and the record layer behind it.
 *
 * `onDecision` is awaited before anything else happens. Raises StrangerError, NotAcceptedError
 * (the lock does not take this grant) or a LinkError.
 * @param {Link} link @param {Ask} ask @param {Progress} progress
 * @param {(decision: Decision) => Promise<void>} onDecision
 * @returns {Promise<{decision: Decision, courier: Courier}>} */
export async function askLock(link, { door, command, grant, key, carried }, progress, onDecision) {
  const { message1, awaitingLock } = await new PhoneOpening(door, key, grant.data).message1();
  await link.send(message1);
  const message2 = await link.receive(MESSAGE_2_WITHIN, MAX_ANSWER);
  const proven = await awaitingLock.message2(message2).catch((error) => {
    throw error instanceof NotAcceptedError ? new StrangerError(error.message) : error;
  });
  progress.tell('lockProven');
  const { message3, awaitingDecision } = await proven.message3(command, carried);
  await link.send(message3);
  const answer = await link.receive(MESSAGE_4_WITHIN, MAX_ANSWER);
  const { decision, courier } = await awaitingDecision.message4(answer);
  await onDecision(decision);
  progress.tell('decided', { reason: decision.reason, number: decision.number });
  return { decision, courier };
}

/**
 * Why a door does not open: the numbers of message 4 and their names (docs/protocol.md, 7).
 *
 * House rule: texts for people come from the server, which has them from one place.
 */

/** The lock's answer to a command. */
export const Reason = Object.freeze({
  granted: 0,
  notAccepted: 1,
  expired: 2,
  notYetValid: 3,
  grantRevoked: 4,
  phoneBlocked: 5,
  tooFar: 6,
  notPermitted: 7,
  windowTooLong: 8,
  bulletinNeeded: 9,
  lockFault: 10,
  unknown: 255,
});

/** A newer lock may know more reasons: refused is refused. @param {number} number */
export const reasonOf = (number) => (number > Reason.lockFault ? Reason.unknown : number);

const HEALS = [Reason.notAccepted, Reason.notYetValid, Reason.bulletinNeeded];

/** Whether one more try, with key set and bulletin, may change the answer.
 * @param {number} reason @returns {boolean} */
export const healsAtTheDoor = (reason) => HEALS.some((each) => each === reason);

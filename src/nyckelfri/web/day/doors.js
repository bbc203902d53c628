/**
 * Which door comes next on the way to a client, and what the one button does.
 *
 * House rules: pure; a suggestion and never a limit, because the lock decides and the carer sees
 * which door they stand at.
 */

/**
 * @typedef {object} Doors
 * @property {string | null} entrance  installation, 16 hex digits
 * @property {string | null} front
 */
/** @typedef {{installation: string, command: 'unlock' | 'lock', at: number}} Moved  a motor that moved */
/** @typedef {{door: 'entrance' | 'front', installation: string, command: 'unlock' | 'lock'}} Step */

/** Seconds for which an entrance that was opened is taken to lie behind the carer. */
export const BEHIND = 10 * 60;
/** Seconds after an opening for which the grant that opened also locks (protocol, section 7). */
export const STAY = 4 * 3600;

/**
 * What the big button does now; null where no door of this client has a lock.
 * @param {Doors} doors
 * @param {Moved[]} moved
 * @param {number} now
 * @returns {Step | null}
 */
export function nextStep(doors, moved, now) {
  const { entrance, front } = doors;
  if (front && isOpen(front, moved, now))
    return { door: 'front', installation: front, command: 'lock' };
  if (entrance && !(front && passed(entrance, moved, now))) {
    return { door: 'entrance', installation: entrance, command: 'unlock' };
  }
  return front ? { door: 'front', installation: front, command: 'unlock' } : null;
}

/**
 * All that can be done at this client's doors, the next step first.
 * @param {Doors} doors
 * @param {Moved[]} moved
 * @param {number} now
 * @returns {Step[]}
 */
export function allSteps(doors, moved, now) {
  const first = nextStep(doors, moved, now);
  /** @type {Step[]} */
  const steps = [];
  if (doors.entrance) {
    steps.push({ door: 'entrance', installation: doors.entrance, command: 'unlock' });
  }
  if (doors.front) {
    steps.push({ door: 'front', installation: doors.front, command: 'unlock' });
    steps.push({ door: 'front', installation: doors.front, command: 'lock' });
  }
  const same = (/** @type {Step} */ step) =>
    step.installation === first?.installation && step.command === first?.command;
  return [...steps.filter(same), ...steps.filter((step) => !same(step))];
}

/**
 * Whether this phone has opened a door and not locked it since.
 * @param {string} installation
 * @param {Moved[]} moved
 * @param {number} now
 */
export function isOpen(installation, moved, now) {
  const last = latest(installation, moved);
  return last?.command === 'unlock' && now - last.at < STAY;
}

/**
 * @param {string} installation
 * @param {Moved[]} moved
 * @param {number} now
 */
function passed(installation, moved, now) {
  const last = latest(installation, moved);
  return last !== null && now - last.at < BEHIND;
}

/**
 * @param {string} installation
 * @param {Moved[]} moved
 * @returns {Moved | null}
 */
function latest(installation, moved) {
  return moved
    .filter((one) => one.installation === installation)
    .reduce(
      (/** @type {Moved | null} */ last, one) => (last && last.at > one.at ? last : one),
      null,
    );
}

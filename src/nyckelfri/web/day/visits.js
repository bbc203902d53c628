/**
 * What the day means: which visit is next, what has become of each, how late it is.
 *
 * House rules: pure, `now` is a parameter in Unix seconds; what was entered decides, never the
 * order in which somebody tapped; nothing here keeps anybody from anything.
 */

/**
 * @typedef {object} Visit
 * @property {string} id
 * @property {string} client
 * @property {number} start  Unix seconds
 * @property {number} end  Unix seconds
 * @property {string[]} services
 * @property {{name: string, telephone: string} | null} partner  the other one of a double staffing
 * @property {string | null} added  why a planner added it by hand
 */
/**
 * @typedef {object} Entry  what a carer entered, as far as a day needs it
 * @property {string} kind
 * @property {number} at  Unix seconds, server-corrected
 * @property {string | null} client
 * @property {string | null} visit
 * @property {Record<string, any>} detail
 */
/**
 * @typedef {object} Progress  what was entered about one stay
 * @property {number | null} started
 * @property {string | null} startedHow
 * @property {number | null} ended
 * @property {string | null} endedHow
 * @property {string[]} services  performed, as said at the end
 * @property {'missed' | 'declined' | null} outcome
 * @property {Entry[]} remarks  notes and deviations
 */
/** @typedef {'ahead' | 'now' | 'unregistered' | 'running' | 'done' | 'missed' | 'declined'} Standing */

/** @type {Progress} */
const NOTHING = Object.freeze({
  started: null,
  startedHow: null,
  ended: null,
  endedHow: null,
  services: [],
  outcome: null,
  remarks: [],
});

/**
 * The name under which a stay is kept: the planned visit, or else the client.
 * @param {{visit: string | null, client: string | null}} about
 */
export function stayKey({ visit, client }) {
  return visit ?? `client:${client}`;
}

/**
 * What was entered, by stay. A new start after an end begins the stay anew; of several starts or
 * ends without the other between them the first start and the last end count.
 * @param {Entry[]} entries
 * @returns {Map<string, Progress>}
 */
export function progressOf(entries) {
  /** @type {Map<string, Progress>} */
  const found = new Map();
  for (const entry of [...entries].sort((one, other) => one.at - other.at)) {
    const key = stayKey(entry);
    found.set(key, after(found.get(key) ?? NOTHING, entry));
  }
  return found;
}

/**
 * @param {Progress} before
 * @param {Entry} entry
 * @returns {Progress}
 */
function after(before, entry) {
  switch (entry.kind) {
    case 'visit_start':
      if (goesOn(before)) return before;
      return {
        ...NOTHING,
        remarks: before.remarks,
        started: entry.at,
        startedHow: entry.detail.how,
      };
    case 'visit_end':
      return {
        ...before,
        ended: entry.at,
        endedHow: entry.detail.how,
        services: entry.detail.services ?? [],
      };
    case 'missed':
    case 'declined':
      return { ...before, outcome: entry.kind };
    case 'undo':
      return { ...before, outcome: null };
    case 'note':
    case 'deviation':
      return { ...before, remarks: [...before.remarks, entry] };
    default:
      return before;
  }
}

/**
 * Whether a stay has begun and not ended, whatever else was entered of it.
 * @param {Progress | null | undefined} progress
 * @returns {boolean}
 */
export function goesOn(progress) {
  return progress != null && progress.started !== null && progress.ended === null;
}

/**
 * What has become of a visit by now.
 * @param {Visit} visit
 * @param {Progress | undefined} progress
 * @param {number} now
 * @returns {Standing}
 */
export function standing(visit, progress, now) {
  if (progress?.outcome) return progress.outcome;
  if (progress && progress.ended !== null) return 'done';
  if (progress && progress.started !== null) return 'running';
  if (now < visit.start) return 'ahead';
  return now < visit.end ? 'now' : 'unregistered';
}

/**
 * Visits in the order of their start; of equal ones the shorter first, then by id.
 * @param {Visit[]} visits
 */
export function inOrder(visits) {
  return [...visits].sort(
    (one, other) => one.start - other.start || one.end - other.end || (one.id < other.id ? -1 : 1),
  );
}

/**
 * The visit that stands on top: the one that runs; else the first that is not over and waits;
 * else none. What was not registered stays in the list and never stands in the way of the next.
 * @param {Visit[]} visits
 * @param {Map<string, Progress>} progress
 * @param {number} now
 * @returns {Visit | null}
 */
export function nextVisit(visits, progress, now) {
  const ordered = inOrder(visits);
  const of = (/** @type {Visit} */ visit) => standing(visit, progress.get(visit.id), now);
  return (
    ordered.find((visit) => of(visit) === 'running') ??
    ordered.find((visit) => of(visit) === 'now' || of(visit) === 'ahead') ??
    null
  );
}

/**
 * Visits of the local day around `now`, a night's work not cut at midnight: what began up to
 * 12 hours ago or begins within the next 20.
 * @param {Visit[]} visits
 * @param {number} now
 */
export function ofToday(visits, now) {
  return inOrder(visits).filter(
    (visit) => visit.end > now - 12 * 3600 && visit.start < now + 20 * 3600,
  );
}

/**
 * Whole minutes by which a visit that nobody has begun is late; 0 while it is not.
 * @param {Visit} visit
 * @param {Progress | undefined} progress
 * @param {number} now
 */
export function minutesLate(visit, progress, now) {
  if (standing(visit, progress, now) !== 'now') return 0;
  return Math.floor((now - visit.start) / 60);
}

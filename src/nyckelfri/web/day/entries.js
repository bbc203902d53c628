/**
 * What a carer can enter, with the limits that the server holds too.
 *
 * House rules: pure, ids and moments are parameters; an entry is made whole or not at all, and
 * what is missing is named by a key of the texts.
 */

/** @typedef {import('./visits.js').Entry} Entry */
/** @typedef {{client: string | null, visit: string | null}} About */

export const MANUAL_REASONS = /** @type {const} */ ([
  'forgot', 'label_missing', 'label_unreadable', 'lock_not_working', 'phone_was_off', 'outside_home',
  'other',
]);
export const MISSED_REASONS = /** @type {const} */ (['not_home', 'no_answer', 'hospital', 'other']);
export const DEVIATIONS = /** @type {const} */ (['fall', 'medicine', 'health', 'home', 'lock', 'other']);
export const UNPLANNED_REASONS = /** @type {const} */ (['alarm', 'asked', 'covering', 'safety', 'other']);
export const FAULTS = /** @type {const} */ (['no_answer', 'jammed', 'refused', 'other']);
export const LONGEST = { text: 300, note: 1000 };

/** Something is missing; `field` names it, `key` is the text that says so. */
export class EntryError extends Error {
  /** @param {string} field @param {string} key */
  constructor(field, key) {
    super(key);
    this.name = 'EntryError';
    this.field = field;
    this.key = key;
  }
}

/**
 * An entry of `kind`; EntryError says what is missing.
 * @param {string} kind
 * @param {About} about
 * @param {Record<string, any>} detail
 * @param {{id: string, at: number}} by
 * @returns {Entry}
 */
export function entry(kind, about, detail, { id, at }) {
  const check = CHECKS[kind];
  if (!check) throw new EntryError('kind', 'error_unknown');
  return { id, kind, at, client: about.client, visit: about.visit, detail: tidy(check(detail)) };
}

/** @type {Record<string, (detail: Record<string, any>) => Record<string, any>>} */
const CHECKS = {
  visit_start: how,
  visit_end: (detail) => ({ ...how(detail), services: [...(detail.services ?? [])] }),
  missed: (detail) => reasoned(detail, MISSED_REASONS),
  declined: (detail) => ({ text: short(detail.text) }),
  undo: () => ({}),
  note: (detail) => ({ text: required(detail.text, LONGEST.note) }),
  deviation: (detail) => ({
    what: one(detail.what, DEVIATIONS, 'what'), text: required(detail.text, LONGEST.note),
  }),
  unplanned: (detail) => reasoned(detail, UNPLANNED_REASONS),
  batteries: ({ installation }) => ({ installation }),
  lock_fault: (detail) => ({
    installation: detail.installation, what: one(detail.what, FAULTS, 'what'),
    text: short(detail.text), fallback: detail.fallback === true,
  }),
  tap: ({ label, picc, mac, use }) => ({ label, picc, mac, use }),
};

/** @param {Record<string, any>} detail */
function how(detail) {
  if (detail.how !== 'manual') return { how: detail.how };
  return { how: 'manual', ...reasoned(detail, MANUAL_REASONS) };
}

/**
 * @param {Record<string, any>} detail
 * @param {readonly string[]} reasons
 */
function reasoned(detail, reasons) {
  const reason = one(detail.reason, reasons, 'reason');
  const text = short(detail.text);
  // "Something else" without a word would tell nobody anything.
  if (reason === 'other' && !text) throw new EntryError('text', 'error_say_what');
  return { reason, text };
}

/**
 * @param {unknown} value
 * @param {readonly string[]} allowed
 * @param {string} field
 */
function one(value, allowed, field) {
  if (typeof value !== 'string' || !allowed.includes(value)) {
    throw new EntryError(field, 'error_choose');
  }
  return value;
}

/** @param {unknown} text */
function short(text) {
  return bounded(text, LONGEST.text);
}

/** @param {unknown} text @param {number} most */
function required(text, most) {
  const found = bounded(text, most);
  if (!found) throw new EntryError('text', 'error_write');
  return found;
}

/** @param {unknown} text @param {number} most */
function bounded(text, most) {
  const found = typeof text === 'string' ? text.replaceAll('\0', '').trim() : '';
  if (found.length > most) throw new EntryError('text', 'error_too_long');
  return found || undefined;
}

/** @param {Record<string, any>} detail */
function tidy(detail) {
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => value !== undefined));
}

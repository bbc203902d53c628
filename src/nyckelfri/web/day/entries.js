/**
 * What a carer enters: the kinds there are, and what each must say.
 *
 * House rules: checked here before it is kept, so that nothing waits that the server cannot take.
 * Texts are for people and may be long enough to say it; limits are the server's.
 */

/** @typedef {{id: string, kind: string, at: number, client: string | null, visit: string | null,
 *   detail: Record<string, any>}} Entry   `at` in Unix seconds, server-corrected */

export const MAX_TEXT = 300;
export const MAX_NOTE = 1000;

const HOW = /** @type {const} */ (['label', 'door', 'manual']);
export const WHY_MANUAL = /** @type {const} */ ([
  'forgot',
  'label_missing',
  'label_unreadable',
  'lock_not_working',
  'phone_was_off',
  'outside_home',
  'other',
]);
export const WHY_MISSED = /** @type {const} */ (['not_home', 'no_answer', 'hospital', 'other']);
export const WHY_UNPLANNED = /** @type {const} */ ([
  'alarm',
  'asked',
  'covering',
  'safety',
  'other',
]);
export const DEVIATIONS = /** @type {const} */ ([
  'fall',
  'medicine',
  'health',
  'home',
  'lock',
  'other',
]);
export const FAULTS = /** @type {const} */ (['no_answer', 'jammed', 'refused', 'other']);
const HEX_ID = /^[0-9a-f]{16}$/;

/** @typedef {(value: unknown) => boolean} Check */

/** @param {readonly string[]} values @returns {Check} */
const oneOf = (values) => (value) => typeof value === 'string' && values.includes(value);
/** @param {RegExp} form @returns {Check} */
const like = (form) => (value) => typeof value === 'string' && form.test(value);
/** @param {number} most @param {number} [least] @returns {Check} */
const text =
  (most, least = 1) =>
  (value) =>
    typeof value === 'string' &&
    value.trim().length >= least &&
    value.length <= most &&
    !value.includes('\0');
/** @type {Check} */
const services = (value) => Array.isArray(value) && value.length <= 32 && value.every(text(32));
/** @type {Check} */
const truth = (value) => typeof value === 'boolean';

/** Per kind: fields that must be there, and fields that may.
 * @type {Record<string, {must: Record<string, Check>, may?: Record<string, Check>}>} */
export const KINDS = {
  visit_start: {
    must: { how: oneOf(HOW) },
    may: { reason: oneOf(WHY_MANUAL), text: text(MAX_TEXT) },
  },
  visit_end: {
    must: { how: oneOf(HOW), services },
    may: { reason: oneOf(WHY_MANUAL), text: text(MAX_TEXT) },
  },
  missed: {
    must: { reason: oneOf(WHY_MISSED) },
    may: { text: text(MAX_TEXT) },
  },
  declined: { must: {}, may: { text: text(MAX_TEXT) } },
  undo: { must: {} }, // what was missed or declined was not
  note: { must: { text: text(MAX_NOTE) } },
  deviation: {
    must: {
      what: oneOf(DEVIATIONS),
      text: text(MAX_NOTE),
    },
  },
  unplanned: {
    must: { reason: oneOf(WHY_UNPLANNED) },
    may: { text: text(MAX_TEXT) },
  },
  batteries: { must: { installation: like(HEX_ID) } },
  lock_fault: {
    must: {
      installation: like(HEX_ID),
      what: oneOf(FAULTS),
      fallback: truth,
    },
    may: { text: text(MAX_TEXT) },
  },
  tap: {
    must: { label: text(32), use: oneOf(['start', 'end', 'open']) },
    may: { picc: text(64, 0), mac: text(64, 0) }, // a false one proves nothing, and is no fault
  },
};

/** An entry that says too little, too much or something else; `field` is what to ask again. */
export class EntryError extends Error {
  name = 'EntryError';
  /** @param {string} field */
  constructor(field) {
    super(`${field}: this cannot be kept as it is`);
    this.field = field;
  }
}

/** EntryError unless the server would take an entry of this kind with this detail.
 * @param {string} kind @param {Record<string, unknown>} detail */
function checkEntry(kind, detail) {
  const form = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!form) throw new EntryError('kind');
  for (const [field, check] of Object.entries(form.must)) {
    if (!check(detail[field])) throw new EntryError(field);
  }
  for (const [field, value] of Object.entries(detail)) {
    if (Object.hasOwn(form.must, field)) continue;
    if (!Object.hasOwn(form.may ?? {}, field) || !form.may?.[field](value)) {
      throw new EntryError(field);
    }
  }
  if (detail.how === 'manual' && detail.reason === undefined) throw new EntryError('reason');
  // "Something else" without a word would tell nobody anything.
  if (detail.reason === 'other' && !detail.text) throw new EntryError('text');
}

/** An entry of what a form gives: texts without blanks around them, nothing left empty. EntryError.
 * @param {string} kind @param {{client: string | null, visit: string | null}} about
 * @param {Record<string, unknown>} given @param {{id: string, at: number}} by
 * @returns {Entry} */
export function entry(kind, { client, visit }, given, { id, at }) {
  const said = Object.entries(given).map(([field, value]) => [
    field,
    typeof value === 'string' ? value.replaceAll('\0', '').trim() : value,
  ]);
  const detail = Object.fromEntries(
    said.filter(([, value]) => value !== undefined && value !== ''),
  );
  checkEntry(kind, detail);
  return { id, kind, at, client, visit, detail };
}

/**
 * The phone API's JSON, read strictly into values (the contract shared with the server).
 *
 * House rules: byte strings are base64url without padding, ids lower-case hex; whatever does not
 * read is an error of the server and changes nothing. A grant, key set, bulletin or receipt is
 * verified here before anybody else sees it: the phone trusts the root, not the connection.
 */

import { equal, fromHex, toBase64url, toHex } from '../base/bytes.js';
import * as bulletins from '../door/bulletin.js';
import { ObjectError } from '../door/fields.js';
import * as grants from '../door/grants.js';
import * as keysets from '../door/keyset.js';
import { claimedInstallation, openReceipt } from '../door/receipts.js';
import { SignatureError } from '../door/signed.js';
import { AnswerError } from './client.js';
import { decode, get, identifier, optional } from './reading.js';
import { readDay } from './wireday.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { KeySet } from '../door/keyset.js' */
/** @import { Load } from './outbox.js' */
/** @import { Door, HeldGrant, Trusted } from './values.js' */
/** @import { Day } from './wireday.js' */

export const PROTOCOL = 1;
/** Seconds that a phone waits for a server that is busy, whatever the server says. */
export const MAX_LATER = 3600;

/** A signed receipt with the two things by which it is kept.
 * @typedef {{installation: string, number: number, data: Bytes}} Receipt */

/** What a sync brought, all of it verified; `refused` counts what did not hold.
 * @typedef {object} Answer
 * @property {number} serverTime
 * @property {number} later   seconds after which to bring what was not answered for; 0: all was
 * @property {Trusted} trusted
 * @property {Door[]} doors
 * @property {HeldGrant[]} grants
 * @property {Receipt[]} receipts
 * @property {{installation: string, first: number}[]} wanted
 * @property {Day | null} day   null where the one that is held still holds, or nobody is signed in
 * @property {{batches: string[], openings: Set<string>, entries: Map<string | null, string>}} results
 *   statuses of batches in their order, ids of openings, status by id of entries
 * @property {number} refused */

/** The root that an enrolment pins, verified to be one; AnswerError.
 * @param {unknown} answer @returns {Promise<Bytes>} */
export async function root(answer) {
  const data = decode(get(answer, 'root', 'string'));
  try {
    await keysets.readRoot(data);
  } catch (error) {
    if (!unverified(error)) throw error;
    throw new AnswerError('the server sent no valid root: call support');
  }
  return data;
}

/** The body of a sync; `day` is the digest of the day that is held, '' of none, and null asks for
 * no day. @param {Load} load @param {string | null} day */
export const syncRequest = ({ batches, openings, entries }, day) => ({
  batches: batches.map(({ value }) => toBase64url(value)),
  openings: openings.map(({ value: { phoneTime, ...record } }) => ({
    ...record,
    phone_time: phoneTime,
  })),
  ...(entries.length && { entries: entries.map(({ value }) => value) }),
  ...(day !== null && { day }),
});

/** A sync's answer for the phone with this public key; AnswerError.
 *
 * A day that does not read is left where it is, and counted: it must not keep the keys away.
 * @param {Record<string, unknown>} answer @param {Trusted} held @param {Bytes} phoneX
 * @returns {Promise<Answer>} */
export async function readSync(answer, held, phoneX) {
  const { trusted, refused } = await trust(answer, held);
  const { keySet } = trusted;
  const signed = (/** @type {string} */ name) => (keySet ? get(answer, name, 'array') : []);
  // All is looked for before anything is begun: nothing is left that fails behind our back.
  const [rows, texts, day] = [signed('grants'), signed('receipts'), readDayOf(answer)];
  const [shown, receipts] = await Promise.all([
    verified(rows, (row) => readGrant(row, keySet, phoneX)),
    verified(texts, (text) => readReceipt(text, keySet)),
  ]);
  return {
    serverTime: get(answer, 'server_time', 'number'),
    later: Math.min(Math.max(optional(answer, 'later', 'number') ?? 0, 0), MAX_LATER),
    trusted,
    doors: get(answer, 'doors', 'array')
      .map(readDoor)
      .filter((door) => door !== null),
    grants: shown.good,
    receipts: receipts.good,
    wanted: get(answer, 'wanted', 'array').map((row) => ({
      installation: identifier(row, 'installation'),
      first: get(row, 'first', 'number'),
    })),
    day: day.read,
    results: readResults(get(answer, 'results', 'object')),
    refused: refused + shown.bad + receipts.bad + day.bad,
  };
}

/** @param {unknown} results @returns {Answer['results']} */
const readResults = (results) => ({
  batches: get(results, 'batches', 'array').map((row) => get(row, 'status', 'string')),
  openings: new Set(get(results, 'openings', 'array').map((row) => get(row, 'id', 'string'))),
  entries: new Map(
    (optional(results, 'entries', 'array') ?? []).map((row) => [
      optional(row, 'id', 'string'),
      get(row, 'status', 'string'),
    ]),
  ),
});

/** @param {unknown} answer @returns {{read: Day | null, bad: number}} */
function readDayOf(answer) {
  try {
    return { read: readDay(optional(answer, 'day', 'object')), bad: 0 };
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    return { read: null, bad: 1 };
  }
}

/** What `read` gives for each row, and how many did not hold.
 * @template R, T @param {R[]} rows @param {(row: R) => Promise<T>} read */
async function verified(rows, read) {
  const found = await Promise.all(
    rows.map((row) =>
      read(row).catch((error) => {
        if (unverified(error)) return null;
        throw error;
      }),
    ),
  );
  const good = found.filter((each) => each !== null);
  return { good, bad: found.length - good.length };
}

/** @param {unknown} error */
const unverified = (error) => error instanceof SignatureError || error instanceof ObjectError;

/** Key set and bulletin, where they are newer than what is held; numbers only rise.
 * @param {unknown} answer @param {Trusted} held
 * @returns {Promise<{trusted: Trusted, refused: number}>} */
async function trust(answer, held) {
  const [signedKeySet, signedBulletin] = ['key_set', 'bulletin'].map((name) => {
    const text = optional(answer, name, 'string');
    return text === null ? null : decode(text);
  });
  let trusted = held;
  try {
    if (signedKeySet) {
      const offered = await keysets.read(signedKeySet, held.root);
      const now = held.keySet;
      if (now === null || (offered.number > now.number && offered.epoch >= now.epoch)) {
        const kept = offered.epoch === now?.epoch ? {} : { bulletin: null, signedBulletin: null };
        trusted = { ...held, keySet: offered, signedKeySet, ...kept };
      }
    }
    if (signedBulletin && trusted.keySet) {
      const news = await bulletins.read(signedBulletin, trusted.keySet);
      if (bulletins.isNewer(news, trusted.bulletin)) {
        trusted = { ...trusted, bulletin: news, signedBulletin };
      }
    }
  } catch (error) {
    if (!unverified(error)) throw error;
    return { trusted, refused: 1 };
  }
  return { trusted, refused: 0 };
}

/** A door record; null for a protocol that this phone does not speak.
 * @param {unknown} row @returns {Door | null} */
function readDoor(row) {
  if (get(row, 'protocol', 'number') !== PROTOCOL) return null;
  const installation = identifier(row, 'installation');
  const [lockKey, radioKey] = ['lock_key', 'radio_key'].map((name) =>
    decode(get(row, name, 'string')),
  );
  if (lockKey.length !== 32 || radioKey.length !== 16) throw new AnswerError();
  return {
    installation,
    record: { installation: fromHex(installation), lockKey, radioKey },
    kind: get(row, 'kind', 'string'),
    label: get(row, 'label', 'string'),
    address: get(row, 'address', 'string'),
  };
}

/** @param {unknown} row @param {KeySet | null} keySet @param {Bytes} phoneX
 * @returns {Promise<HeldGrant>} */
async function readGrant(row, keySet, phoneX) {
  const data = decode(get(row, 'grant', 'string'));
  const grant = await grants.verify(data, /** @type {KeySet} */ (keySet));
  const installation = identifier(row, 'installation');
  if (!equal(grant.phone, phoneX) || toHex(grant.installation) !== installation) {
    throw new ObjectError('a grant for another phone or door');
  }
  const { notBefore, notAfter, scope } = grant;
  return { data, serial: toHex(grant.serial), installation, notBefore, notAfter, scope };
}

/** @param {unknown} text @param {KeySet | null} keySet @returns {Promise<Receipt>} */
async function readReceipt(text, keySet) {
  if (typeof text !== 'string') throw new AnswerError();
  const data = decode(text);
  const installation = claimedInstallation(data);
  const receipt = await openReceipt(data, /** @type {KeySet} */ (keySet), { installation });
  return { installation: toHex(installation), number: receipt.number, data };
}

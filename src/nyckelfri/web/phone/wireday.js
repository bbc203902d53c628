/**
 * The day as the server tells it: visits, their clients, colleagues, and what to do when a lock
 * fails (docs/subsystems/server.md).
 *
 * House rules: read strictly, field by field; a field that is not known here is left out, so that
 * nothing is kept that no page shows.
 */

import { AnswerError } from './client.js';
import { get, identifier, optional } from './reading.js';

/** What is said in both languages. @typedef {{sv: string, en: string}} Words */
/** @typedef {{name: string, telephone: string}} Contact */

/** A planned visit; `added` is why somebody planned it by hand. Times in Unix seconds.
 * @typedef {{id: string, client: string, start: number, end: number, services: string[],
 *   partner: Contact | null, added: string | null}} Visit */

/** Somebody who is visited; name and address are empty where identity is protected.
 * @typedef {object} Client
 * @property {string} number
 * @property {string} name
 * @property {string} address
 * @property {string} apartment
 * @property {string | null} floor
 * @property {string} instruction
 * @property {string} telephone
 * @property {boolean} protected
 * @property {string | null} partner   number of the client who shares the home
 * @property {(Words & {kind: string, door: string})[]} alerts   of its locks
 * @property {{entrance: string | null, front: string | null}} doors   installations
 * @property {{id: string, place: string}[]} labels */

/** @typedef {Contact & {role: Words}} Colleague */
/** @typedef {{id: string, client: string, at: number, text: string}} Alarm */

/** @typedef {object} Day
 * @property {string} digest
 * @property {Visit[]} visits
 * @property {Client[]} clients
 * @property {Colleague[]} colleagues
 * @property {Contact} office
 * @property {{kind: string, text: string, telephone: string} | null} fallback
 * @property {Record<string, Words>} services
 * @property {Alarm[]} alarms */

/** The day in an answer, null for null; AnswerError.
 * @param {Record<string, unknown> | null} value @returns {Day | null} */
export function readDay(value) {
  if (value === null) return null;
  return {
    digest: get(value, 'digest', 'string'),
    visits: get(value, 'visits', 'array').map(readVisit),
    clients: get(value, 'clients', 'array').map(readClient),
    colleagues: get(value, 'colleagues', 'array').map((row) => ({
      ...contact(row),
      role: words(get(row, 'role', 'object')),
    })),
    office: contact(get(value, 'office', 'object')),
    fallback: readFallback(optional(value, 'fallback', 'object')),
    services: Object.fromEntries(
      Object.entries(get(value, 'services', 'object')).map(([service, both]) => [
        service,
        words(both),
      ]),
    ),
    alarms: get(value, 'alarms', 'array').map((row) => ({
      id: get(row, 'id', 'string'),
      client: get(row, 'client', 'string'),
      at: get(row, 'at', 'number'),
      text: get(row, 'text', 'string'),
    })),
  };
}

/** @param {unknown} row @returns {Visit} */
function readVisit(row) {
  const partner = optional(row, 'partner', 'object');
  return {
    id: get(row, 'id', 'string'),
    client: get(row, 'client', 'string'),
    start: get(row, 'start', 'number'),
    end: get(row, 'end', 'number'),
    services: texts(get(row, 'services', 'array')),
    partner: partner && contact(partner),
    added: optional(row, 'added', 'string'),
  };
}

/** @param {unknown} row @returns {Client} */
function readClient(row) {
  const doors = get(row, 'doors', 'object');
  return {
    number: get(row, 'number', 'string'),
    name: get(row, 'name', 'string'),
    address: get(row, 'address', 'string'),
    apartment: get(row, 'apartment', 'string'),
    floor: optional(row, 'floor', 'string'),
    instruction: get(row, 'instruction', 'string'),
    telephone: get(row, 'telephone', 'string'),
    protected: get(row, 'protected', 'boolean'),
    partner: optional(row, 'partner', 'string'),
    alerts: get(row, 'alerts', 'array').map((alert) => ({
      ...words(alert),
      kind: get(alert, 'kind', 'string'),
      door: get(alert, 'door', 'string'),
    })),
    doors: { entrance: door(doors, 'entrance'), front: door(doors, 'front') },
    labels: get(row, 'labels', 'array').map((label) => ({
      id: get(label, 'id', 'string'),
      place: get(label, 'place', 'string'),
    })),
  };
}

/** @param {unknown} row @returns {Words} */
const words = (row) => ({ sv: get(row, 'sv', 'string'), en: get(row, 'en', 'string') });

/** @param {unknown} row @returns {Contact} */
const contact = (row) => ({
  name: get(row, 'name', 'string'),
  telephone: get(row, 'telephone', 'string'),
});

/** @param {Record<string, unknown> | null} value */
const readFallback = (value) =>
  value && {
    kind: get(value, 'kind', 'string'),
    text: get(value, 'text', 'string'),
    telephone: get(value, 'telephone', 'string'),
  };

/** @param {Record<string, unknown>} doors @param {string} name */
const door = (doors, name) =>
  optional(doors, name, 'string') === null ? null : identifier(doors, name);

/** @param {unknown[]} values @returns {string[]} */
function texts(values) {
  return values.map((value) => {
    if (typeof value !== 'string') throw new AnswerError();
    return value;
  });
}

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  inOrder,
  minutesLate,
  nextVisit,
  ofToday,
  progressOf,
  standing,
} from '../../../src/nyckelfri/web/day/visits.js';

const SEVEN = Date.UTC(2026, 10, 23, 6) / 1000;
const MINUTE = 60;

/** @param {string} id @param {number} start @param {number} [minutes] */
const visit = (id, start, minutes = 30) => ({
  id,
  client: `B${id}`,
  start: SEVEN + start * MINUTE,
  end: SEVEN + (start + minutes) * MINUTE,
  services: ['care'],
  partner: null,
  added: null,
});
let made = 0;
/** @param {string} kind @param {number} at @param {string} about @param {Record<string, any>} [detail] */
const entry = (kind, at, about, detail = {}) => ({
  id: `e${made++}`,
  kind,
  at: SEVEN + at * MINUTE,
  client: `B${about}`,
  visit: about,
  detail,
});

test('visits stand in the order of their start, and the same visits always in the same order', () => {
  const [first, short, long] = [visit('V3', 0), visit('V2', 30, 10), visit('V1', 30, 40)];
  assert.deepEqual(
    inOrder([long, short, first]).map(({ id }) => id),
    ['V3', 'V2', 'V1'],
  );
  assert.deepEqual(inOrder([short, first, long]), inOrder([long, first, short]));
});

test('next is what runs, also when another one should have begun', () => {
  const visits = [visit('V1', 0), visit('V2', 30)];
  const progress = progressOf([entry('visit_start', 2, 'V1', { how: 'door' })]);
  assert.equal(nextVisit(visits, progress, SEVEN + 45 * MINUTE)?.id, 'V1');
});

test('a visit that nobody registered never stands in the way of the next', () => {
  const visits = [visit('V1', 0), visit('V2', 60)];
  const now = SEVEN + 40 * MINUTE;
  assert.equal(standing(visits[0], undefined, now), 'unregistered');
  assert.equal(nextVisit(visits, new Map(), now)?.id, 'V2');
});

test('no visit is next when all are done, missed or declined', () => {
  const visits = [visit('V1', 0), visit('V2', 30), visit('V3', 60)];
  const progress = progressOf([
    entry('visit_start', 0, 'V1', { how: 'label' }),
    entry('visit_end', 20, 'V1', { how: 'label' }),
    entry('missed', 31, 'V2', { reason: 'not_home' }),
    entry('declined', 61, 'V3'),
  ]);
  assert.equal(nextVisit(visits, progress, SEVEN + 61 * MINUTE), null);
  assert.deepEqual(
    visits.map((one) => standing(one, progress.get(one.id), SEVEN + 61 * MINUTE)),
    ['done', 'missed', 'declined'],
  );
});

test('what was entered counts by its own time, whatever the order in which it is read', () => {
  const entries = [
    entry('visit_end', 25, 'V1', { how: 'door', services: ['care'] }),
    entry('visit_start', 1, 'V1', { how: 'door' }),
  ];
  const one = progressOf(entries).get('V1');
  assert.deepEqual(one, progressOf(entries.toReversed()).get('V1'));
  assert.equal(one?.started, SEVEN + MINUTE);
  assert.equal(one?.ended, SEVEN + 25 * MINUTE);
  assert.deepEqual(one?.services, ['care']);
});

test('a second start of a visit that runs changes nothing, one after its end begins it anew', () => {
  /** @param {number} at */
  const start = (at) => entry('visit_start', at, 'V1', { how: 'door' });
  assert.equal(progressOf([start(0), start(5)]).get('V1')?.started, SEVEN);
  const again = progressOf([
    start(0),
    entry('visit_end', 10, 'V1', { how: 'door' }),
    start(40),
  ]).get('V1');
  assert.equal(again?.started, SEVEN + 40 * MINUTE);
  assert.equal(again?.ended, null);
});

test('a missed visit that is taken back waits again', () => {
  const progress = progressOf([
    entry('missed', 1, 'V1', { reason: 'no_answer' }),
    entry('undo', 2, 'V1'),
  ]);
  assert.equal(standing(visit('V1', 0), progress.get('V1'), SEVEN + 3 * MINUTE), 'now');
});

test('a stay without a planned visit is kept by its client', () => {
  const unplanned = {
    ...entry('visit_start', 0, 'X', { how: 'door' }),
    visit: null,
    client: 'B0009',
  };
  assert.equal(progressOf([unplanned]).get('client:B0009')?.started, SEVEN);
});

test('a visit is late by whole minutes, and no more once somebody is there', () => {
  const one = visit('V1', 0);
  assert.equal(minutesLate(one, undefined, SEVEN - 1), 0);
  assert.equal(minutesLate(one, undefined, SEVEN + 7 * MINUTE + 59), 7);
  const progress = progressOf([entry('visit_start', 7, 'V1', { how: 'door' })]);
  assert.equal(minutesLate(one, progress.get('V1'), SEVEN + 8 * MINUTE), 0);
});

test('the day of a night patrol is not cut at midnight', () => {
  const visits = [visit('V1', -10 * 60), visit('V2', 3 * 60), visit('V3', 40 * 60)];
  assert.deepEqual(
    ofToday(visits, SEVEN).map(({ id }) => id),
    ['V1', 'V2'],
  );
});

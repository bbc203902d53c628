/** Which grant is shown. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Command } from '../../../src/nyckelfri/web/door/index.js';
import { STAY, choose } from '../../../src/nyckelfri/web/phone/values.js';

const NOON = 1_794_222_000;
const HOUR = 3600;

/** @param {string} serial @param {number} notBefore @param {number} notAfter @param {number} [scope] */
const grant = (serial, notBefore, notAfter, scope = 3) => ({
  data: new Uint8Array(0),
  serial,
  installation: 'door',
  notBefore: NOON + notBefore * HOUR,
  notAfter: NOON + notAfter * HOUR,
  scope,
});
const PAST = grant('past', -20, -12);
const NOW = grant('now', -2, 6);
const LONGER = grant('longer', -1, 8);
const NEXT = grant('next', 12, 20);
const SERVICE = grant('service', -2, 6, 4);

/** @param {any[]} grants @param {number} [command] @param {number} [now] @param {any} [stay] */
const shown = (grants, command = Command.unlock, now = NOON, stay = null) =>
  choose(grants, command, now, stay)?.serial;

test('the one that is valid, the longest first, else the nearest: the lock judges', () => {
  assert.equal(shown([PAST, NEXT, NOW]), 'now');
  assert.equal(shown([NOW, LONGER]), 'longer');
  assert.equal(shown([PAST, NEXT], Command.unlock, NOON - HOUR), 'past');
  assert.equal(shown([PAST, NEXT], Command.unlock, NOON + HOUR), 'next');
  assert.equal(shown([]), undefined);
});

test('the last second of a window is inside, the end itself outside', () => {
  const { notAfter } = NOW;
  assert.equal(shown([NOW, NEXT], Command.unlock, notAfter - 1), 'now');
  const soon = { ...NEXT, notBefore: notAfter };
  assert.equal(shown([NOW, soon], Command.unlock, notAfter), 'next');
});

test('one whose scope allows the command goes before a better window', () => {
  assert.equal(shown([NOW, SERVICE], Command.service), 'service');
  assert.equal(shown([SERVICE, PAST], Command.unlock), 'past');
  assert.equal(shown([NOW], Command.service), 'now', 'the lock will say no');
});

test('what opened a running stay locks it, however old it is', () => {
  const stay = { installation: 'door', serial: 'past', opened: NOON - STAY, locked: null };
  assert.equal(shown([PAST, NOW], Command.lock, NOON, stay), 'past');
  assert.equal(shown([PAST, NOW], Command.unlock, NOON, stay), 'now');
  assert.equal(shown([PAST, NOW], Command.lock, NOON + 1, stay), 'now');
  assert.equal(shown([PAST, NOW], Command.lock, NOON - STAY - 1, stay), 'now', 'not yet opened');
  assert.equal(shown([NOW], Command.lock, NOON, stay), 'now', 'it is gone');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { allSteps, isOpen, nextStep, STAY } from '../../../src/nyckelfri/web/day/doors.js';
import { entry, EntryError, MAX_NOTE } from '../../../src/nyckelfri/web/day/entries.js';
import { clientOf, readLabel } from '../../../src/nyckelfri/web/day/labels.js';
import { AT_MOST, search } from '../../../src/nyckelfri/web/day/search.js';

const NOW = 1_795_413_600;
const [ENTRANCE, FRONT] = ['00'.repeat(8), '11'.repeat(8)];
const both = { entrance: ENTRANCE, front: FRONT };
/** @param {string} installation @param {'unlock' | 'lock'} command @param {number} ago */
const did = (installation, command, ago) => ({ installation, command, at: NOW - ago });
/** @param {import('../../../src/nyckelfri/web/day/doors.js').Doors} doors
 * @param {import('../../../src/nyckelfri/web/day/doors.js').Moved[]} moved */
const next = (doors, moved) => {
  const step = nextStep(doors, moved, NOW);
  return step && `${step.command} ${step.door}`;
};

test('the entrance comes first, then the flat, then locking behind oneself', () => {
  assert.equal(next(both, []), 'unlock entrance');
  assert.equal(next(both, [did(ENTRANCE, 'unlock', 60)]), 'unlock front');
  assert.equal(next(both, [did(ENTRANCE, 'unlock', 60), did(FRONT, 'unlock', 30)]), 'lock front');
  assert.equal(next(both, [did(FRONT, 'unlock', 30), did(FRONT, 'lock', 5)]), 'unlock entrance');
});

test('an entrance of a while ago no longer lies behind the carer', () => {
  assert.equal(next(both, [did(ENTRANCE, 'unlock', 11 * 60)]), 'unlock entrance');
});

test('a house has no entrance, a home without a lock no step at all', () => {
  assert.equal(next({ entrance: null, front: FRONT }, []), 'unlock front');
  assert.equal(
    next({ entrance: ENTRANCE, front: null }, [did(ENTRANCE, 'unlock', 5)]),
    'unlock entrance',
  );
  assert.equal(next({ entrance: null, front: null }, []), null);
});

test('a door that was opened is offered for locking as long as its grant locks', () => {
  assert.equal(isOpen(FRONT, [did(FRONT, 'unlock', STAY - 1)], NOW), true);
  assert.equal(isOpen(FRONT, [did(FRONT, 'unlock', STAY)], NOW), false);
});

test('every door can be chosen whatever comes next, each once', () => {
  const steps = allSteps(both, [did(ENTRANCE, 'unlock', 5)], NOW).map(
    (one) => `${one.command} ${one.door}`,
  );
  assert.deepEqual(steps, ['unlock front', 'unlock entrance', 'lock front']);
});

const HOME = 'https://nyckelfri.example';
const LABEL = `${HOME}/telefon/etikett/E0001`;

test('a plain label and one that signs are read', () => {
  assert.deepEqual(readLabel(LABEL, HOME), { label: 'E0001' });
  assert.deepEqual(
    readLabel(`${LABEL}?p=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086`, HOME),
    { label: 'E0001', picc: 'ef963ff7828658a599f3041510671e88', mac: '94eed9ee65337086' },
  );
});

test('an address that is no label of this server reads as nothing', () => {
  for (const address of [
    '',
    'hej',
    'javascript:alert(1)',
    'https://other.example/telefon/etikett/E0001',
    `${HOME}/telefon/etikett/`,
    `${HOME}/telefon/etikett/E0001/x`,
    `${HOME}/logg/`,
    `${LABEL}?${'x'.repeat(300)}`,
    `${HOME}/telefon/etikett/${'E'.repeat(33)}`,
  ])
    assert.equal(readLabel(address, HOME), null, address);
});

test('half a proof is no proof, and the label still stands', () => {
  for (const query of [
    '?p=EF96&c=94EED9EE65337086',
    '?p=EF963FF7828658A599F3041510671E88',
    '?c=x',
  ]) {
    assert.deepEqual(readLabel(LABEL + query, HOME), { label: 'E0001' });
  }
});

test('a label finds its client, a strange one nobody', () => {
  const clients = [
    { number: 'B1', labels: [{ id: 'E0001' }] },
    { number: 'B2', labels: [] },
  ];
  assert.equal(clientOf('E0001', clients)?.number, 'B1');
  assert.equal(clientOf('E9999', clients), null);
});

/** @param {string} number @param {string} name @param {string} address @param {string} [apartment] */
const person = (number, name, address, apartment = '') => ({ number, name, address, apartment });
const CLIENTS = [
  person('B0002', 'Kerstin Björk', 'Kyrkogatan 36', '1203'),
  person('B0003', 'Johan Axelsson', 'Kyrkogatan 49C'),
  person('B0001', '', 'Port B0001'),
];
/** @param {string} typed */
const names = (typed) => search(CLIENTS, typed).map(({ number }) => number);

test('a client is found by the beginnings of words, with or without dots', () => {
  assert.deepEqual(names('kers bj'), ['B0002']);
  assert.deepEqual(names('bjork'), ['B0002']);
  assert.deepEqual(names('KYRKOGATAN 3'), ['B0002']);
  assert.deepEqual(names('1203'), ['B0002']);
  assert.deepEqual(names('b0001'), ['B0001']);
});

test('nothing typed finds nobody, and so does a word from the middle', () => {
  assert.deepEqual(names('  '), []);
  assert.deepEqual(names('gatan'), []);
  assert.deepEqual(names('.*'), []);
});

test('a search that fits many shows so many as can be read', () => {
  const many = Array.from({ length: 50 }, (_, at) => person(`B${at}`, `Eva ${at}`, 'Ekvägen 1'));
  assert.equal(search(many, 'eva').length, AT_MOST);
});

const about = { client: 'B0002', visit: 'V1' };
const by = { id: 'c0ffee00-0000-4000-8000-000000000000', at: NOW };
/** @param {string} kind @param {Record<string, unknown>} given */
const asksFor = (kind, given) => {
  try {
    entry(kind, about, given, by);
  } catch (error) {
    assert.ok(error instanceof EntryError);
    return error.field;
  }
  return null;
};

test('an entry says what was given, without blanks and empty fields', () => {
  assert.deepEqual(entry('missed', about, { reason: 'no_answer', text: '  ' }, by), {
    ...by,
    kind: 'missed',
    ...about,
    detail: { reason: 'no_answer' },
  });
  assert.equal(
    entry('note', about, { text: ' Katten\0 är ute ' }, by).detail.text,
    'Katten är ute',
  );
});

test('what is missing or false is asked for, and nothing is made', () => {
  assert.equal(asksFor('missed', {}), 'reason');
  assert.equal(asksFor('missed', { reason: 'holiday' }), 'reason');
  assert.equal(asksFor('visit_start', { how: 'manual' }), 'reason');
  assert.equal(asksFor('unplanned', { reason: 'other' }), 'text');
  assert.equal(asksFor('unplanned', { reason: 'other', text: 'Nycklar' }), null);
  assert.equal(asksFor('note', { text: ' \0 ' }), 'text');
  assert.equal(asksFor('note', { text: 'x'.repeat(MAX_NOTE + 1) }), 'text');
  assert.equal(asksFor('deviation', { what: 'fall' }), 'text');
  assert.equal(asksFor('visit_end', { how: 'door', services: ['care'], grant: 'x' }), 'grant');
  assert.equal(asksFor('grant', {}), 'kind');
});

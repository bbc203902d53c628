/** How long a busy server is spared. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Patience } from '../../../src/nyckelfri/web/phone/patience.js';
import { MAX_LATER } from '../../../src/nyckelfri/web/phone/wire.js';

test('a phone that was told nothing spares nobody', () => {
  const patience = new Patience();
  patience.told(0, 1000);
  assert.equal(patience.left(1000), 0);
});

test('phones that were told the same at once come back one after the other', () => {
  const left = Array.from({ length: 100 }, () => {
    const patience = new Patience();
    patience.told(40, 1000);
    return patience.left(1000);
  });
  assert.ok(left.every((seconds) => seconds >= 40 && seconds <= 50));
  assert.ok(new Set(left).size > 90);
});

test('the wait ends, and with a clock that is set back it ends at once', () => {
  const patience = new Patience(() => 0.5);
  patience.told(40, 1000);
  assert.equal(patience.left(1040), 5);
  assert.equal(patience.left(1045), 0);
  assert.equal(patience.left(1045 - 3 * MAX_LATER), 0);
});

test('a later word counts, and no word changes nothing', () => {
  const patience = new Patience(() => 0);
  patience.told(30, 1000);
  patience.told(0, 1010);
  assert.equal(patience.left(1010), 20);
  patience.told(60, 1010);
  assert.equal(patience.left(1010), 60);
});

/** What locks say on the air, and which of it a phone listens for. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { advert } from '../../../src/nyckelfri/web/door/index.js';
import { vectors } from '../support/vectors.js';

const { given: GIVEN } = vectors('opening.json');
const DOOR = {
  installation: fromHex(GIVEN.installation),
  radioKey: fromHex(GIVEN.radio_key),
};
const OTHER = { installation: fromHex('0000000000000001'), radioKey: new Uint8Array(16) };
const HOUR = 500_000;
const NOW = HOUR * 3600 + 1800;

/** After docs/protocol.md section 11. @param {number | null} hour */
function expected(hour) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(hour ?? 0);
  const hmac = createHmac('sha256', DOOR.radioKey).update(hour === null ? 'lost' : bytes);
  return hmac.digest('hex').slice(0, 16);
}

test('a pseudonym is the first 8 bytes of an HMAC over the hour, or over "lost"', async () => {
  for (const hour of [null, 0, 1, HOUR, 0xffff_ffff]) {
    assert.equal(toHex(await advert.pseudonym(DOOR.radioKey, hour)), expected(hour));
  }
});

test('a phone listens for the previous, the present and the next hour, and for "lost"', async () => {
  const found = await advert.payloads(DOOR.radioKey, NOW);
  assert.deepEqual(found.map(toHex), [null, HOUR - 1, HOUR, HOUR + 1].map(expected));
});

test("before a wrong clock, its own or the lock's, a phone listens for a week and a half", async () => {
  const found = (await advert.payloads(DOOR.radioKey, NOW, advert.WIDE)).map(toHex);
  assert.equal(found.length, 1 + 2 * 204 + 1);
  assert(found.includes(expected(HOUR - 204)));
  assert(found.includes(expected(HOUR + 204)));
  assert(!found.includes(expected(HOUR + 205)));
});

test('there is no hour before 1970 and none after the format', async () => {
  const first = await advert.payloads(DOOR.radioKey, 0);
  assert.deepEqual(first.map(toHex), [null, 0, 1].map(expected));
  const last = await advert.payloads(DOOR.radioKey, 0xffff_ffff * 3600);
  assert.deepEqual(last.map(toHex), [null, 0xffff_fffe, 0xffff_ffff].map(expected));
});

test('an advertisement leads to its door, and tells whether the lock has lost the time', async () => {
  const found = await advert.pseudonyms([DOOR, OTHER], NOW);
  assert.equal(found.size, 8);
  const { installation } = DOOR;
  assert.deepEqual(found.get(expected(HOUR)), { installation, lost: false });
  assert.deepEqual(found.get(expected(null)), { installation, lost: true });
  assert.equal(found.get(expected(HOUR + 2)), undefined);
});

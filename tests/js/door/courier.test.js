/** The records of vectors/opening.json at the phone's end, and records that must not be taken. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMPTY, concat, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import { Courier, CourierError, Type } from '../../../src/nyckelfri/web/door/index.js';
import { AesCcm } from '../../../src/nyckelfri/web/edhoc/index.js';
import { turned, vectors } from '../support/vectors.js';

/** @import { FromPhone } from '../../../src/nyckelfri/web/door/courier.js' */

const OPENINGS = vectors('opening.json').cases.filter(
  (/** @type {any} */ each) => each.kind === 'opening',
);
const { phone_to_lock: UP, lock_to_phone: DOWN } = OPENINGS[0].exported;

/** A courier over the keys of a vector. @param {any} exported */
function courierOf({ phone_to_lock: up, lock_to_phone: down }) {
  return Courier.of(async (label, context, length) => {
    assert.deepEqual([context, length], [EMPTY, 29]);
    return fromHex(/** @type {Record<number, string>} */ ({ 32768: up, 32769: down })[label]);
  });
}

const courier = () => courierOf(OPENINGS[0].exported);

/** What one end seals or opens on its own, after docs/protocol.md section 9.
 * @param {string} material key and IV in hex @param {number} number of the record */
async function direction(material, number) {
  const raw = fromHex(material);
  const nonce = raw.slice(16);
  nonce[12] ^= number & 255;
  nonce[11] ^= number >> 8;
  return { aead: await AesCcm.of(raw.slice(0, 16), 16), nonce };
}

/** A record as a lock seals it. @param {any[]} values @param {number} [number] */
async function fromLock(values, number = 0) {
  const { aead, nonce } = await direction(DOWN, number);
  return aead.seal(nonce, concat(...values.map((value) => encode(value))), EMPTY);
}

for (const { name, exported, records } of OPENINGS) {
  test(`records: ${name}`, async () => {
    const phone = await courierOf(exported);
    for (const { from, type, fields, hex } of records) {
      const values = fields.map((/** @type {any} */ value) => value?.hex ?? value);
      if (from === 'phone') {
        assert.equal(type, Type.fetch);
        assert.equal(toHex(await phone.seal({ type: 'fetch', first: values[0] })), hex);
      } else {
        const { type: read, ...content } = await phone.open(fromHex(hex));
        assert.equal(Type[read], type);
        const found = Object.values(content).map((each) =>
          each instanceof Uint8Array ? toHex(each) : each,
        );
        assert.deepEqual(found, values);
      }
    }
  });
}

/** @type {[FromPhone, any[]][]} */
const SENT = [
  [{ type: 'keySet', data: fromHex('aa') }, [1, fromHex('aa')]],
  [{ type: 'bulletin', data: fromHex('') }, [2, fromHex('')]],
  [{ type: 'receipt', data: fromHex('bb') }, [4, fromHex('bb')]],
  [{ type: 'time', data: fromHex('cc') }, [5, fromHex('cc')]],
  [{ type: 'fetch', first: 70_000 }, [6, 70_000]],
  [{ type: 'end' }, [8]],
];

test('each record of a phone is its type and its fields, under the next nonce', async () => {
  const phone = await courier();
  for (const [number, [record, values]] of SENT.entries()) {
    const { aead, nonce } = await direction(UP, number);
    const plain = await aead.unseal(nonce, await phone.seal(record), EMPTY);
    assert.deepEqual(plain, concat(...values.map((value) => encode(value))));
  }
});

test('each record of a lock is read, in the order in which it was sent', async () => {
  const phone = await courier();
  const head = fromHex('a0a1a2a3a4a5a6a7');
  const status = [16, 2, 0, 1, 1, 0, 8, 5, null, new Uint8Array(16)];
  const sent = [status, [17, 1, 2, 3, head], [18, 4, 0], [19, head], [20]];
  const read = [];
  for (const [number, values] of sent.entries()) {
    read.push(await phone.open(await fromLock(values, number)));
  }
  assert.deepEqual(read, [
    {
      type: 'status',
      mark: 2,
      estimate: 0,
      keySet: 1,
      epoch: 1,
      bulletin: 0,
      nextNumber: 8,
      acknowledged: 5,
      battery: null,
      nonce: new Uint8Array(16),
    },
    { type: 'outcome', intent: 1, result: 2, number: 3, head },
    { type: 'applied', record: 4, result: 0 },
    { type: 'batch', data: head },
    { type: 'noMore' },
  ]);
  assert(read.every(Object.isFrozen));
});

test('records that are sealed at once have nonces of their own, in their order', async () => {
  const phone = await courier();
  const sealed = await Promise.all([0, 1, 2].map((first) => phone.seal({ type: 'fetch', first })));
  for (const [number, data] of sealed.entries()) {
    const { aead, nonce } = await direction(UP, number);
    assert.deepEqual(await aead.unseal(nonce, data, EMPTY), concat(encode(6), encode(number)));
  }
});

test('the number of a record reaches over two bytes of the nonce', async () => {
  const phone = await courier();
  for (let number = 0; number < 256; number += 1) await phone.seal({ type: 'end' });
  const { aead, nonce } = await direction(UP, 256);
  assert.deepEqual(await aead.unseal(nonce, await phone.seal({ type: 'end' }), EMPTY), encode(8));
});

/** @type {[string, any[], RegExp][]} */
const REFUSED = [
  ['nothing', [], /unknown type/],
  ['a type of nobody', [99], /unknown type/],
  ["an installer's type", [21, fromHex('aa')], /unknown type/],
  ["a phone's type", [6, 0], /unknown type/],
  ['a type that is a text', ['status'], /unknown type/],
  ['a type that is true', [true], /unknown type/],
  ['a field too few', [18, 4], /too few or too many/],
  ['a field too many', [20, 0], /too few or too many/],
  ['a negative number', [18, 4, -1], /wrong kind/],
  ['a number beyond all', [18, 4, 1n << 63n], /wrong kind/],
  ['false for a number', [18, 4, false], /wrong kind/],
  ['null where nothing may be null', [18, 4, null], /wrong kind/],
  ['text for bytes', [19, 'aa'], /wrong kind/],
  ['an array for bytes', [19, [1]], /wrong kind/],
];

for (const [name, values, text] of REFUSED) {
  test(`a record of a lock that is refused: ${name}`, async () => {
    const opening = (await courier()).open(await fromLock(values));
    await assert.rejects(opening, (error) => {
      assert(error instanceof CourierError);
      assert.match(error.message, text);
      return true;
    });
  });
}

test('a record that was changed, repeated, turned back or is no CBOR does not open', async () => {
  const good = await fromLock([20]);
  const { aead, nonce } = await direction(DOWN, 0);
  const phone = await courier();
  const { aead: own, nonce: first } = await direction(UP, 0);
  const reflected = await own.seal(first, encode(20), EMPTY);
  const cases = [
    turned(good, 0),
    turned(good, -1),
    reflected,
    await fromLock([20], 1),
    await aead.seal(nonce, fromHex('ff'), EMPTY),
    await aead.seal(nonce, fromHex('1814'), EMPTY),
    EMPTY,
    good.slice(1),
  ];
  for (const data of cases) {
    await assert.rejects((await courier()).open(data), /a record that does not open/);
  }
  await phone.open(good);
  await assert.rejects(phone.open(good), /a record that does not open/);
});

test('a record has its limit, in both directions', async () => {
  const phone = await courier();
  const most = new Uint8Array(40_960 - 16 - 4);
  assert.equal((await phone.seal({ type: 'keySet', data: most })).length, 40_960);
  const over = new Uint8Array(most.length + 1);
  await assert.rejects(phone.seal({ type: 'keySet', data: over }), /at most 40960 bytes/);
  await assert.rejects(phone.open(new Uint8Array(40_961)), /too long/);
});

test('after 65 536 records a session is over', async () => {
  const phone = await courier();
  for (let at = 0; at < 65_536; at += 1) {
    await assert.rejects(phone.open(EMPTY), /does not open/);
  }
  await assert.rejects(phone.open(EMPTY), /too many records/);
});

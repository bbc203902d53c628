/** vectors/signed.json: what a phone reads of signed objects, and what it refuses. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMPTY, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import {
  ObjectError,
  SignatureError,
  bulletins,
  grants,
  keyset,
} from '../../../src/nyckelfri/web/door/index.js';
import { vectors } from '../support/vectors.js';

/** @import { Bytes } from '../../../src/nyckelfri/web/base/bytes.js' */

const { given: GIVEN, cases: CASES } = vectors('signed.json');
const ROOT = await keyset.readRoot(fromHex(GIVEN.root));
const KEY_SET = await keyset.read(fromHex(GIVEN.key_set), ROOT);

/** @param {any} value @returns {any} */
const plain = (value) =>
  value instanceof Uint8Array ? toHex(value) : Array.isArray(value) ? value.map(plain) : value;

/** What each object says, under the names of docs/protocol.md.
 * @type {Record<string, (data: Bytes) => Promise<object>>} */
const READERS = {
  'key set': async (data) => {
    const { keys, ...rest } = await keyset.read(data, ROOT);
    const rows = keys.map(({ kid, purpose, point }) => ({ kid, purpose, key: point }));
    return { ...rest, keys: rows.map(named) };
  },
  grant: async (data) => {
    const grant = await grants.verify(data, KEY_SET);
    return {
      sub: grant.subject,
      aud: grant.installation,
      exp: grant.notAfter,
      nbf: grant.notBefore,
      iat: grant.issued,
      cti: grant.serial,
      x: grant.phone,
      scope: grant.scope,
    };
  },
  bulletin: (data) => bulletins.read(data, KEY_SET),
  'time token': async (data) => {
    const asked = { installation: fromHex(GIVEN.installation), nonce: fromHex(GIVEN.nonce) };
    return { time: await bulletins.readTime(data, KEY_SET, asked) };
  },
};

/** @param {object} fields */
const named = (fields) =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));

/** The error of each reason, and what its text says.
 * @type {Record<string, [new (...args: any[]) => Error, RegExp]>} */
const REASONS = {
  signature: [SignatureError, /does not hold/],
  'second form': [SignatureError, /second form/],
  encoding: [SignatureError, /not a signed object: /],
  shape: [SignatureError, /^not a (root-)?signed object/],
  header: [SignatureError, /something else than expected/],
  purpose: [SignatureError, /id and purpose/],
  'too few signatures': [SignatureError, /needs 2 to 3/],
  'order of signatures': [SignatureError, /out of order/],
  key: [SignatureError, /not a point/],
  content: [ObjectError, /./],
};

for (const { object, name, hex, accepted, fields, reason } of CASES) {
  if (!(object in READERS)) continue; // an installer's: the staff phone does not read it
  test(`${object}: ${name}`, async () => {
    if (accepted) {
      assert.deepEqual(named(await READERS[object](fromHex(hex))), fields);
      return;
    }
    const [kind, text] = REASONS[reason];
    await assert.rejects(READERS[object](fromHex(hex)), (/** @type {any} */ error) => {
      assert(error instanceof kind, String(error));
      assert.match(error.message, text);
      return true;
    });
  });
}

test('every kind that a staff phone reads has accepted and refused cases', () => {
  for (const kind of Object.keys(READERS)) {
    const found = CASES.filter((/** @type {any} */ each) => each.object === kind);
    assert.deepEqual(new Set(found.map((/** @type {any} */ each) => each.accepted)).size, 2, kind);
  }
});

test('a root names its municipality', () => {
  assert.equal(toHex(ROOT.municipality), GIVEN.municipality);
  assert.equal(toHex(ROOT.encoded), GIVEN.root);
});

const [FIRST, SECOND, THIRD] = ROOT.keys;
/** @type {[string, Bytes, new (...args: any[]) => Error][]} */
const BAD_ROOTS = [
  ['no CBOR', fromHex('ff'), ObjectError],
  ['no array', encode(1), ObjectError],
  ['nobody needed', encode([0, [FIRST]]), ObjectError],
  ['more needed than there are', encode([2, [FIRST]]), ObjectError],
  ['no key', encode([1, []]), ObjectError],
  ['one key twice', encode([1, [FIRST, FIRST]]), ObjectError],
  ['falling keys', encode([1, [THIRD, SECOND]]), ObjectError],
  ['a key of 32 bytes', encode([1, [FIRST.slice(1)]]), ObjectError],
  ['a third item', encode([1, [FIRST], 0]), ObjectError],
  ['a key off the curve', encode([1, [new Uint8Array(33).fill(255)]]), SignatureError],
];

for (const [name, data, kind] of BAD_ROOTS) {
  test(`no root: ${name}`, async () => {
    await assert.rejects(keyset.readRoot(data), kind);
  });
}

test('a bulletin is newer by its epoch first', () => {
  const held = { epoch: 2, issued: 100 };
  assert(bulletins.isNewer(held, null));
  assert(bulletins.isNewer({ epoch: 2, issued: 101 }, held));
  assert(bulletins.isNewer({ epoch: 3, issued: 1 }, held));
  assert(!bulletins.isNewer(held, held));
  assert(!bulletins.isNewer({ epoch: 2, issued: 99 }, held));
  assert(!bulletins.isNewer({ epoch: 1, issued: 101 }, held));
});

test('a time token for another lock or session is refused', async () => {
  const [token] = CASES.filter((/** @type {any} */ c) => c.object === 'time token' && c.accepted);
  const asked = { installation: fromHex(GIVEN.installation), nonce: fromHex(GIVEN.nonce) };
  for (const wrong of [{ installation: new Uint8Array(8) }, { nonce: new Uint8Array(16) }]) {
    const reading = bulletins.readTime(fromHex(token.hex), KEY_SET, { ...asked, ...wrong });
    await assert.rejects(reading, ObjectError);
  }
});

test('a phone key has the thumbprint that the vectors give it', async () => {
  const blocked = vectors('policy.json').cases.find(
    (/** @type {any} */ each) => each.name === 'phone blocked',
  );
  const found = await grants.thumbprint(fromHex(blocked.grant.x));
  assert.deepEqual([toHex(found)], blocked.bulletin.phones);
});

test('each command has its bit', () => {
  const { Command, Scope, scopeOf } = grants;
  const commands = /** @type {const} */ (['unlock', 'lock', 'service']);
  assert.deepEqual(
    commands.map((name) => scopeOf(Command[name])),
    commands.map((name) => Scope[name]),
  );
});

test('empty bytes are no object of any kind', async () => {
  for (const read of Object.values(READERS)) await assert.rejects(read(EMPTY), SignatureError);
});

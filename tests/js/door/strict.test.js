/** Objects that are well signed and must be refused all the same, made with the vectors' keys. */

import assert from 'node:assert/strict';
import { createPrivateKey, sign as nodeSign } from 'node:crypto';
import { test } from 'node:test';

import { EMPTY, concat, fromHex, toBase64url } from '../../../src/nyckelfri/web/base/bytes.js';
import { decode, encode, mapOf } from '../../../src/nyckelfri/web/base/cbor.js';
import {
  ObjectError,
  SignatureError,
  bulletins,
  grants,
  keyset,
} from '../../../src/nyckelfri/web/door/index.js';
import { publicPoint } from '../support/keys.js';
import { vectors } from '../support/vectors.js';

/** @import { Bytes } from '../../../src/nyckelfri/web/base/bytes.js' */
/** @import { Encodable, Key, Value } from '../../../src/nyckelfri/web/base/cbor.js' */

const { given: GIVEN, cases: CASES } = vectors('signed.json');
const SCALARS = GIVEN.private_keys;
const ROOT = await keyset.readRoot(fromHex(GIVEN.root));
const KEY_SET = await keyset.read(fromHex(GIVEN.key_set), ROOT);
const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** r and s, s in the lower half. @param {string} scalar in hex @param {Bytes} message */
function sign(scalar, message) {
  const { x, y } = publicPoint(scalar);
  const [d, ...point] = [fromHex(scalar), x, y].map(toBase64url);
  const jwk = { kty: 'EC', crv: 'P-256', d, x: point[0], y: point[1] };
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = nodeSign('sha256', message, { key, dsaEncoding: 'ieee-p1363' });
  const s = BigInt(`0x${signature.toString('hex', 32)}`);
  const low = s > ORDER / 2n ? ORDER - s : s;
  return concat(signature.subarray(0, 32), fromHex(low.toString(16).padStart(64, '0')));
}

/** A COSE_Sign1. @param {string} scalar @param {string} kid @param {Bytes} payload
 * @param {string} [typ] */
function signed(scalar, kid, payload, typ) {
  const parameters = mapOf([1, -7], [4, fromHex(kid)]);
  if (typ) parameters.set(16, typ);
  const header = encode(parameters);
  const message = encode(['Signature1', header, EMPTY, payload]);
  return encode([header, new Map(), payload, sign(scalar, message)]);
}

/** A root-signed key set by all holders, its parts as the rules say or changed.
 * @param {Bytes} payload @param {{header?: (index: number) => Encodable, extra?: Encodable}} [lie] */
function rootSigned(payload, { header = partHeader, extra = new Map() } = {}) {
  const body = encode(mapOf([16, keyset.TYP]));
  const holders = SCALARS.root.map((/** @type {string} */ scalar) => ({
    scalar,
    at: ROOT.keys.findIndex((key) => key.slice(1).join() === publicPoint(scalar).x.join()),
  }));
  const parts = holders
    .sort((/** @type {any} */ left, /** @type {any} */ right) => left.at - right.at)
    .map((/** @type {any} */ { scalar, at }) => {
      const own = encode(header(at));
      const message = encode(['Signature', body, own, EMPTY, payload]);
      return [own, extra, sign(scalar, message)];
    });
  return encode([body, new Map(), payload, parts]);
}

const partHeader = (/** @type {number} */ at) => mapOf([1, -7], [4, Uint8Array.of(at)]);

/** The payload of the vectors' key set, with other keys. @param {Encodable[]} keys */
const keySetOf = (keys) => encode(mapOf([1, ROOT.municipality], [2, 9], [3, 1], [4, 1], [5, keys]));

const [GRANT_KEY, BULLETIN_KEY] = KEY_SET.keys.map(({ point }) => point);
const GOOD = keySetOf([[fromHex('01'), 1, GRANT_KEY]]);

/** @param {Promise<unknown>} reading @param {new (...args: any[]) => Error} kind
 * @param {RegExp} text */
const refused = (reading, kind, text) =>
  assert.rejects(reading, (/** @type {any} */ error) => {
    assert(error instanceof kind, String(error));
    assert.match(error.message, text);
    return true;
  });

test('what these tests sign is read when it keeps the rules', async () => {
  assert.equal((await keyset.read(rootSigned(GOOD), ROOT)).number, 9);
  const [bulletin] = CASES.filter((/** @type {any} */ c) => c.object === 'bulletin' && c.accepted);
  const payload = /** @type {Bytes[]} */ (decode(fromHex(bulletin.hex)))[2];
  const again = signed(SCALARS.bulletin, '02', payload, bulletins.TYP);
  assert.deepEqual(
    await bulletins.read(again, KEY_SET),
    await bulletins.read(fromHex(bulletin.hex), KEY_SET),
  );
});

test('a part of a root signature has its one header and nothing beside it', async () => {
  const headers = [
    (/** @type {number} */ at) => mapOf([4, Uint8Array.of(at)]),
    (/** @type {number} */ at) => mapOf([1, -35], [4, Uint8Array.of(at)]),
    (/** @type {number} */ at) => mapOf([1, -7], [4, Uint8Array.of(at)], [16, keyset.TYP]),
  ];
  for (const header of headers) {
    await refused(keyset.read(rootSigned(GOOD, { header }), ROOT), SignatureError, /malformed/);
  }
  const extra = mapOf([4, fromHex('00')]);
  await refused(keyset.read(rootSigned(GOOD, { extra }), ROOT), SignatureError, /malformed/);
});

test('a root key, or one key twice, makes no key set', async () => {
  const [rootKey] = ROOT.keys;
  const withRoot = keySetOf([[fromHex('01'), 1, rootKey]]);
  await refused(keyset.read(rootSigned(withRoot), ROOT), ObjectError, /root key/);
  const twice = keySetOf([
    [fromHex('01'), 1, GRANT_KEY],
    [fromHex('02'), 2, BULLETIN_KEY],
    [fromHex('03'), 3, GRANT_KEY],
  ]);
  await refused(keyset.read(rootSigned(twice), ROOT), ObjectError, /stands in the set once/);
});

test('a payload has its limit', async () => {
  const [most, over] = [32_768, 32_769].map((size) => new Uint8Array(size));
  const read = (/** @type {Bytes} */ payload) =>
    bulletins.read(signed(SCALARS.bulletin, '02', payload, bulletins.TYP), KEY_SET);
  await refused(read(most), ObjectError, /./);
  await refused(read(over), SignatureError, /at most 32768 bytes/);
  await refused(keyset.read(rootSigned(over), ROOT), SignatureError, /at most 32768 bytes/);
});

test('the two lists of a bulletin share their limit', async () => {
  const ids = (/** @type {number} */ count) =>
    Array.from({ length: count }, (_, at) => concat(new Uint8Array(6), [at >> 8, at & 255]));
  const read = (/** @type {number} */ phones, /** @type {number} */ serials) => {
    const lists = [ids(phones), ids(serials)];
    const payload = mapOf([1, ROOT.municipality], [2, 1], [3, 1], [4, lists[0]], [5, lists[1]]);
    const data = signed(SCALARS.bulletin, '02', encode(payload), bulletins.TYP);
    return bulletins.read(data, KEY_SET);
  };
  assert.equal((await read(1_500, 1_500)).serials.length, 1_500);
  await refused(read(1_500, 1_501), ObjectError, /revoked serials/);
  await refused(read(3_001, 0), ObjectError, /revoked phones/);
});

/** The claims of a grant that is accepted. */
function claims() {
  const [grant] = CASES.filter((/** @type {any} */ c) => c.object === 'grant' && c.accepted);
  const payload = /** @type {Bytes[]} */ (decode(fromHex(grant.hex)))[2];
  return /** @type {Map<Key, Value>} */ (decode(payload));
}

/** @type {[string, Key, Encodable][]} */
const WRONG_CLAIMS = [
  ['a subject of 7 bytes', 2, new Uint8Array(7)],
  ['a subject that is a text', 2, 'a'],
  ['an end before four bytes', 4, 65_535],
  ['a beginning after four bytes', 5, 2 ** 32],
  ['an issue that is true', 6, true],
  ['another key type', 8, mapOf([1, mapOf([1, 1], [-1, 1], [-2, new Uint8Array(32)])])],
  ['another curve', 8, mapOf([1, mapOf([1, 2], [-1, 2], [-2, new Uint8Array(32)])])],
  ['a key of 31 bytes', 8, mapOf([1, mapOf([1, 2], [-1, 1], [-2, new Uint8Array(31)])])],
  [
    'a key with more to it',
    8,
    mapOf([1, mapOf([1, 2], [3, -7], [-1, 1], [-2, new Uint8Array(32)])]),
  ],
  ['no key', 8, new Map()],
  ['no right', 9, Uint8Array.of(0)],
  ['an unknown right', 9, Uint8Array.of(8)],
  ['two bytes of rights', 9, Uint8Array.of(1, 1)],
  ['one claim more', 10, 0],
];

for (const [name, key, value] of WRONG_CLAIMS) {
  test(`no grant: ${name}`, async () => {
    const read = (/** @type {any} */ said) =>
      grants.verify(signed(SCALARS.grant, '01', encode(said)), KEY_SET);
    assert.deepEqual(Uint8Array.of((await read(claims())).scope), claims().get(9));
    await refused(read(new Map([...claims(), [key, value]])), ObjectError, /./);
  });
}

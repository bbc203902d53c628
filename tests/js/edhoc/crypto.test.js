/** AES-CCM and HKDF-Expand against Node's own, at the edges of blocks. */

import assert from 'node:assert/strict';
import { createCipheriv, hkdfSync } from 'node:crypto';
import { test } from 'node:test';

import { EMPTY, concat, fromHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import {
  AesCcm,
  coordinate,
  expand,
  extract,
  generate,
  staticKey,
} from '../../../src/nyckelfri/web/edhoc/crypto.js';
import { turned } from '../support/vectors.js';

const KEY = fromHex('000102030405060708090a0b0c0d0e0f');
const NONCE = fromHex('a0a1a2a3a4a5a6a7a8a9aaabac');

/** @param {number} length */
const text = (length) => Uint8Array.from({ length }, (_, at) => at % 251);

/** @param {number} tagLength @param {Uint8Array} plain @param {Uint8Array} aad */
function nodes(tagLength, plain, aad) {
  const cipher = createCipheriv('aes-128-ccm', KEY, NONCE, { authTagLength: tagLength });
  cipher.setAAD(aad, { plaintextLength: plain.length });
  const out = Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return new Uint8Array(out);
}

for (const tagLength of [8, 16]) {
  test(`AES-CCM with a tag of ${tagLength} bytes is Node's`, async () => {
    const ccm = await AesCcm.of(KEY, tagLength);
    for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 40_000, 65_535]) {
      for (const aad of [EMPTY, text(1), text(13), text(14), text(15), text(45), text(300)]) {
        const sealed = await ccm.seal(NONCE, text(length), aad);
        assert.deepEqual(sealed, nodes(tagLength, text(length), aad), `${length}, ${aad.length}`);
        assert.deepEqual(await ccm.unseal(NONCE, sealed, aad), text(length));
      }
    }
  });
}

test('AES-CCM opens nothing that was changed', async () => {
  const ccm = await AesCcm.of(KEY, 16);
  const sealed = await ccm.seal(NONCE, text(20), text(5));
  for (let at = 0; at < sealed.length; at += 1) {
    await assert.rejects(ccm.unseal(NONCE, turned(sealed, at), text(5)), /does not decrypt/);
  }
  const elsewhere = await AesCcm.of(turned(KEY, 0), 16);
  const others = [
    () => ccm.unseal(turned(NONCE, 0), sealed, text(5)),
    () => ccm.unseal(NONCE, sealed, text(6)),
    () => ccm.unseal(NONCE, sealed.slice(1), text(5)),
    () => ccm.unseal(NONCE, sealed.slice(0, 15), text(5)),
    () => ccm.unseal(NONCE, EMPTY, text(5)),
    () => ccm.unseal(NONCE, new Uint8Array(65_552), text(5)),
    () => elsewhere.unseal(NONCE, sealed, text(5)),
  ];
  for (const other of others) await assert.rejects(other, { name: 'EdhocError' });
  await assert.rejects(ccm.seal(NONCE, text(65_536), EMPTY), RangeError);
});

test("extract and expand are Node's HKDF", async () => {
  const prk = await extract(text(32), text(40));
  for (const length of [1, 13, 16, 31, 32, 33, 64, 65, 8160]) {
    const info = concat(encode(2), encode(text(7)), encode(length));
    const expected = new Uint8Array(hkdfSync('sha256', text(40), text(32), info, length));
    assert.deepEqual(await expand(prk, 2, text(7), length), expected);
  }
});

test('private keys made here cannot be taken out', async () => {
  const pair = await generate();
  const { subtle } = globalThis.crypto;
  await assert.rejects(subtle.exportKey('jwk', pair.privateKey));
  const key = await staticKey(pair);
  assert.deepEqual(key.x, await coordinate(pair.publicKey));
  assert.equal(key.privateKey, pair.privateKey);
  assert.equal(await staticKey(key), key);
});

/** The receipt and the batches of vectors/journal.json, as far as a phone reads them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMPTY, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import {
  ObjectError,
  SignatureError,
  keyset,
  receipts,
} from '../../../src/nyckelfri/web/door/index.js';
import { turned, vectors } from '../support/vectors.js';

const FILE = vectors('journal.json');
const { receipt: RECEIPT } = FILE;
const INSTALLATION = fromHex(FILE.installation);
const SIGNED = fromHex(RECEIPT.signed);

/** @param {Partial<import('../../../src/nyckelfri/web/door/keyset.js').Key>} [key] */
function keySet(key) {
  const own = {
    kid: fromHex(RECEIPT.kid),
    purpose: keyset.Purpose.receipt,
    point: fromHex(RECEIPT.receipt_key),
  };
  return {
    municipality: fromHex(RECEIPT.municipality),
    number: 1,
    epoch: 1,
    issued: 0,
    keys: [{ ...own, ...key }],
  };
}

const asked = { installation: INSTALLATION };

test('the receipt is read', async () => {
  const receipt = await receipts.openReceipt(SIGNED, keySet(), asked);
  assert.deepEqual(receipt, {
    municipality: fromHex(RECEIPT.municipality),
    installation: INSTALLATION,
    number: RECEIPT.number,
    head: fromHex(RECEIPT.head),
  });
  assert.equal(toHex(receipts.claimedInstallation(SIGNED)), FILE.installation);
});

test('a receipt for another lock, of another municipality or by another key is refused', async () => {
  const other = { installation: new Uint8Array(8) };
  await assert.rejects(receipts.openReceipt(SIGNED, keySet(), other), ObjectError);
  const elsewhere = { ...keySet(), municipality: new Uint8Array(8) };
  await assert.rejects(receipts.openReceipt(SIGNED, elsewhere, asked), ObjectError);
  const point = fromHex(FILE.sealing.private_keys[0].point);
  const wrong = [{ point }, { purpose: keyset.Purpose.bulletin }, { kid: fromHex('09') }];
  for (const key of wrong) {
    await assert.rejects(receipts.openReceipt(SIGNED, keySet(key), asked), SignatureError);
  }
  await assert.rejects(receipts.openReceipt(turned(SIGNED, -1), keySet(), asked), SignatureError);
});

/** A batch with a signature that nobody looks at. @param {string} payload */
const batch = (payload) => encode([EMPTY, new Map(), fromHex(payload), new Uint8Array(64)]);

for (const name of ['batch', 'full_batch']) {
  test(`a carrier sees how far it goes: ${name}`, () => {
    const { first, last, signed, payload } = FILE[name];
    const expected = { installation: INSTALLATION, first, last };
    assert.deepEqual(receipts.claimedBatch(fromHex(signed)), expected);
    assert.deepEqual(receipts.claimedBatch(batch(payload)), expected);
  });
}

for (const { why, payload } of FILE.refused_batches) {
  test(`no batch: ${why}`, () => {
    assert.throws(() => receipts.claimedBatch(batch(payload)), ObjectError);
  });
}

test('what is no signed object, or too long for a server, is no batch', () => {
  assert.throws(() => receipts.claimedBatch(fromHex('ff')), SignatureError);
  assert.throws(() => receipts.claimedBatch(new Uint8Array(16_385)), ObjectError);
  const { payload } = FILE.batch;
  assert.throws(() => receipts.claimedBatch(batch(`${payload}00`)), ObjectError);
});

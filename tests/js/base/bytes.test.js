import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  BytesError,
  compare,
  concat,
  equal,
  fromBase64url,
  fromHex,
  toBase64url,
  toHex,
  utf8,
} from '../../../src/nyckelfri/web/base/bytes.js';

const ALL = Uint8Array.from({ length: 256 }, (_, at) => at);

test('hex and base64url go there and back, for every byte and length', () => {
  for (let length = 0; length <= ALL.length; length += 1) {
    const bytes = ALL.slice(ALL.length - length);
    assert.deepEqual(fromHex(toHex(bytes)), bytes);
    assert.deepEqual(fromBase64url(toBase64url(bytes)), bytes);
    assert.equal(toBase64url(bytes), Buffer.from(bytes).toString('base64url'));
  }
});

for (const text of ['0', 'AA', 'aa ', 'zz', '0x00', 'aa\n', '-1']) {
  test(`not hex: ${JSON.stringify(text)}`, () => {
    assert.throws(() => fromHex(text), BytesError);
  });
}

for (const text of ['A', 'AA==', 'AB', 'AAB', 'AA+', 'AA/', 'A A', 'AA\n', 'å']) {
  test(`not base64url: ${JSON.stringify(text)}`, () => {
    assert.throws(() => fromBase64url(text), BytesError);
  });
}

test('equal and compare look at every byte and at the length', () => {
  const bytes = fromHex('000102ff');
  assert(equal(bytes, fromHex('000102ff')));
  assert.equal(compare(bytes, fromHex('000102ff')), 0);
  for (const other of ['010102ff', '000102fe', '000102', '000102ff00', '']) {
    assert(!equal(bytes, fromHex(other)), other);
    assert(!equal(fromHex(other), bytes), other);
    assert.notEqual(compare(bytes, fromHex(other)), 0);
    assert.equal(
      Math.sign(compare(bytes, fromHex(other))),
      -Math.sign(compare(fromHex(other), bytes)),
    );
  }
  assert(compare(fromHex('00'), fromHex('0000')) < 0);
  assert(compare(fromHex('7f'), fromHex('80')) < 0);
});

test('what is joined is a copy', () => {
  const part = fromHex('01');
  const joined = concat(part, [2], fromHex(''));
  part[0] = 9;
  assert.equal(toHex(joined), '0102');
  assert.equal(toHex(utf8('å')), 'c3a5');
});

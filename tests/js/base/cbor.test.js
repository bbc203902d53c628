/** vectors/cbor.json, both ways, and what a JavaScript value may be besides. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { concat, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import {
  CborError,
  decode,
  decodeFrom,
  decodeSequence,
  encode,
} from '../../../src/nyckelfri/web/base/cbor.js';
import { vectors } from '../support/vectors.js';

/** @import { Encodable } from '../../../src/nyckelfri/web/base/cbor.js' */
/** @typedef {string | [string, number][]} Notation */

const FILE = vectors('cbor.json');
/** What the text of the error says, for each reason of a refused vector.
 * @type {Record<string, RegExp>} */
const REASONS = {
  'UTF-8': /not UTF-8/,
  depth: /too deep/,
  indefinite: /indefinite/,
  'key order': /out of order/,
  'key type': /map key/,
  'not shortest': /shortest form/,
  reserved: /reserved/,
  'simple value': /simple values/,
  size: /bytes of CBOR/,
  tag: /tags/,
  trailing: /after the CBOR item/,
  truncated: /ends in the middle/,
};

/** The bytes that the file's notation stands for. @param {Notation} notation */
function bytesOf(notation) {
  if (typeof notation === 'string') return fromHex(notation);
  return concat(
    ...notation.map(([piece, times]) =>
      piece === '+'
        ? concat(...Array.from({ length: times }, (_, at) => concat(encode(at), [0])))
        : concat(...Array.from({ length: times }, () => fromHex(piece))),
    ),
  );
}

/** The value that the file's notation stands for. @param {any} notation @returns {Encodable} */
function valueOf(notation) {
  if (notation === null || typeof notation === 'boolean') return notation;
  const [[kind, said]] = Object.entries(notation);
  switch (kind) {
    case 'int': {
      const number = BigInt(said);
      return Number.isSafeInteger(Number(said)) ? Number(said) : number;
    }
    case 'bytes':
      return fromHex(said);
    case 'text':
      return said;
    case 'array':
      return said.map(valueOf);
    case 'map':
      return new Map(said.map((/** @type {any[]} */ pair) => pair.map(valueOf)));
    case 'bytes_repeated':
      return concat(...Array.from({ length: said[1] }, () => fromHex(said[0])));
    case 'text_repeated':
      return said[0].repeat(said[1]);
    case 'array_repeated':
      return Array.from({ length: said[1] }, () => valueOf(said[0]));
    case 'map_counted':
      return new Map(Array.from({ length: said }, (_, at) => [at, 0]));
    default:
      throw new Error(`a notation that is not known: ${kind}`);
  }
}

for (const { name, hex, value, max_size: maxSize } of FILE.accepted) {
  test(`accepted: ${name}`, () => {
    const bytes = bytesOf(hex);
    assert.deepEqual(decode(bytes, { maxSize }), valueOf(value));
    assert.deepEqual(encode(valueOf(value)), bytes);
    assert.deepEqual(encode(decode(bytes, { maxSize })), bytes);
  });
}

for (const { name, hex, reason, max_size: maxSize } of FILE.refused) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => decode(bytesOf(hex), { maxSize }),
      (/** @type {any} */ error) => {
        assert(error instanceof CborError);
        assert.match(error.message, REASONS[reason]);
        return true;
      },
    );
  });
}

test('whatever the bytes, they are the one encoding of a value or a CborError', () => {
  let state = 1;
  const next = () => (state = (state * 48271) % 0x7fffffff); // the same bytes in each run
  let read = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const bytes = Uint8Array.from({ length: 1 + (next() % 12) }, () => next() % 256);
    try {
      assert.deepEqual(encode(decode(bytes)), bytes);
      read += 1;
    } catch (error) {
      assert(error instanceof CborError, String(error));
    }
  }
  assert(read > 100);
});

test('an item inside other bytes is read with the offset behind it', () => {
  assert.deepEqual(decodeFrom(fromHex('ff1864ff'), 1), [100, 3]);
  assert.deepEqual(decodeFrom(fromHex('00ff4101ff').subarray(2), 0), [fromHex('01'), 2]);
});

test('a sequence is read whole or not at all', () => {
  assert.deepEqual(decodeSequence(fromHex('')), []);
  assert.deepEqual(decodeSequence(fromHex('0141aa')), [1, fromHex('aa')]);
  assert.throws(() => decodeSequence(fromHex('010241')), CborError);
});

test('what is read does not change with the bytes it was read from', () => {
  const bytes = fromHex('41aa');
  const value = decode(bytes);
  bytes[1] = 0;
  assert.deepEqual(value, fromHex('aa'));
});

test('a text keeps the mark that a decoder would take off', () => {
  const bytes = fromHex('63efbbbf');
  assert.equal(decode(bytes), '\ufeff');
  assert.deepEqual(encode(decode(bytes)), bytes);
});

test('a bigint that a number could hold has the same encoding', () => {
  assert.equal(toHex(encode(24n)), toHex(encode(24)));
  assert.equal(toHex(encode(-25n)), toHex(encode(-25)));
});

const itself = /** @type {any[]} */ ([]);
itself.push(itself);

/** @type {[string, any][]} */
const UNWRITABLE = [
  ['a fraction', 1.5],
  ['not a number', Number.NaN],
  ['a number that is not exact', 2 ** 53],
  ['65 bits', 1n << 64n],
  ['65 bits, negative', -(1n << 64n) - 1n],
  ['a lone surrogate', '\ud800'],
  ['nothing', undefined],
  ['a plain object', { a: 1 }],
  ['a function', () => 1],
  ['a key that is a boolean', new Map([[true, 1]])],
  ['a key that is an array', new Map([[[1], 1]])],
  [
    'one key twice',
    new Map([
      [fromHex('aa'), 1],
      [fromHex('aa'), 2],
    ]),
  ],
  ['an array that holds itself', itself],
];

for (const [name, value] of UNWRITABLE) {
  test(`no encoding: ${name}`, () => {
    assert.throws(() => encode(value), CborError);
    assert.throws(() => encode([value]), CborError);
  });
}

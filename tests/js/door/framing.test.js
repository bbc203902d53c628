/** vectors/framing.json: messages cut into pieces and put together again. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { EMPTY, concat, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { framing } from '../../../src/nyckelfri/web/door/index.js';
import { vectors } from '../support/vectors.js';

const { Assembler, FramingError, cut } = framing;
const FILE = vectors('framing.json');

/** @param {number} length */
const message = (length) => Uint8Array.from({ length }, (_, at) => at % 251);

/** Every message that a piece completes. @param {framing.Assembler} assembler
 * @param {Uint8Array} piece */
function feed(assembler, piece) {
  assembler.push(piece);
  const found = [];
  for (let next = assembler.take(); next !== null; next = assembler.take()) found.push(next);
  return found;
}

for (const vector of FILE.cut) {
  test(`${vector.length} bytes in pieces of ${vector.size}`, () => {
    const pieces = cut(message(vector.length), vector.size);
    assert.equal(pieces.length, vector.pieces);
    assert.equal(pieces[pieces.length - 1].length, vector.last_piece);
    const sum = createHash('sha256')
      .update(concat(...pieces))
      .digest('hex');
    assert.equal(sum, vector.stream_sha256);
    const assembler = new Assembler();
    assert.deepEqual(
      pieces.flatMap((piece) => feed(assembler, piece)),
      [message(vector.length)],
    );
    assert.equal(assembler.waiting, 0);
  });
}

for (const { name, limit, pieces, messages, error } of FILE.assemble) {
  test(name, () => {
    const assembler = new Assembler(limit);
    /** @type {string[]} */
    const found = [];
    const all = () => {
      for (const piece of pieces) found.push(...feed(assembler, fromHex(piece)).map(toHex));
    };
    if (error) {
      assert.throws(all, FramingError);
      assert.throws(() => feed(assembler, fromHex('0001aa')), FramingError);
      assert.equal(assembler.waiting, 0);
    } else {
      all();
    }
    assert.deepEqual(found, messages);
  });
}

test('what cannot be framed is refused', () => {
  assert.throws(() => cut(EMPTY, 20), FramingError);
  assert.throws(() => cut(new Uint8Array(65_536), 20), FramingError);
  for (const size of [0, -1, Number.NaN]) assert.throws(() => cut(message(1), size), RangeError);
});

test('the limit may be set anew between messages', () => {
  const assembler = new Assembler(1);
  assembler.push(fromHex('0001aa0002bbcc'));
  assert.deepEqual(assembler.take(), fromHex('aa'));
  assembler.limit = 2;
  assert.deepEqual(assembler.take(), fromHex('bbcc'));
  assert.equal(assembler.take(), null);
});

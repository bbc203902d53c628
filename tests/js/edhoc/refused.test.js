/** What an Initiator does not accept, and what it may not be made to do. */

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { EMPTY, concat, fromHex, utf8 } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode, mapOf } from '../../../src/nyckelfri/web/base/cbor.js';
import { encodeEad } from '../../../src/nyckelfri/web/edhoc/ead.js';
import {
  EdhocError,
  ErrorCode,
  Initiator,
  StateError,
  ccsCredential,
  readError,
} from '../../../src/nyckelfri/web/edhoc/index.js';
import { keyPair, publicPoint } from '../support/keys.js';
import { Responder } from '../support/responder.js';
import { turned, vectors } from '../support/vectors.js';

/** @import { Words } from '../support/responder.js' */

const { static_i: STATIC_I, static_r: STATIC_R } = vectors('edhoc-suite3.json');
const OWN = ccsCredential(publicPoint(STATIC_I).x, { kid: fromHex('2b'), subject: 'phone' });
const PEER = ccsCredential(publicPoint(STATIC_R).x, { kid: fromHex('00'), subject: 'lock' });

const { privateKey } = await keyPair(STATIC_I);
const initiator = new Initiator({
  staticKey: { privateKey, x: OWN.publicX },
  credential: OWN,
});
const theirs = (await keyPair(STATIC_R)).privateKey;
let responder = new Responder(theirs, PEER);

beforeEach(() => {
  responder = new Responder(theirs, PEER);
});

/** @param {Words} [words] @param {number[]} [known] */
async function received(words, known) {
  const { message1, awaitingMessage2 } = await initiator.message1();
  return awaitingMessage2.message2(await responder.message2(message1, words), known);
}

async function awaiting() {
  const { message3, awaitingMessage4 } = await (await (await received()).verify(PEER)).message3();
  await responder.message3(message3, OWN);
  return awaitingMessage4;
}

/** @param {Promise<unknown>} step @param {RegExp} [text] */
const refuses = (step, text = /./) =>
  assert.rejects(step, (error) => {
    assert(error instanceof EdhocError, String(error));
    assert.match(error.message, text);
    return true;
  });

test('a handshake with fresh keys ends in the same exported keys', async () => {
  const done = await (await awaiting()).message4(await responder.message4(EMPTY));
  const [ours, others] = await Promise.all(
    [done, responder].map((end) => end.exporter(32768, utf8('context'), 70)),
  );
  assert.deepEqual(ours, others);
  assert.notDeepEqual(await done.exporter(32769, utf8('context'), 70), ours);
});

test('no bit of message 2 may change', async () => {
  for (let at = 0; at < 53; at += 1) {
    const { message1, awaitingMessage2 } = await initiator.message1();
    const message2 = turned(await responder.message2(message1), at);
    await refuses(awaitingMessage2.message2(message2).then((it) => it.verify(PEER)));
  }
});

test('no bit of message 4 may change', async () => {
  const message4 = async (/** @type {number} */ at) => {
    const step = await awaiting();
    const sent = await responder.message4(encodeEad([{ label: 32771, value: fromHex('00') }]));
    return step.message4(turned(sent, at % sent.length), [32771]);
  };
  for (let at = 0; at < 22; at += 1) await refuses(message4(at));
});

test('a wrong MAC_2 is refused', async () => {
  const lying = received({ mac: (mac) => turned(mac, -1) });
  await refuses((await lying).verify(PEER), /MAC_2 is wrong/);
});

test('a Responder without the key of its credential is refused', async () => {
  responder = new Responder((await keyPair(STATIC_I)).privateKey, PEER);
  await refuses((await received()).verify(PEER), /MAC_2 is wrong/);
});

test('another credential than the one named is refused', async () => {
  const other = ccsCredential(PEER.publicX, { kid: fromHex('05'), subject: 'lock' });
  await assert.rejects((await received()).verify(other), {
    name: 'EdhocError',
    code: ErrorCode.unknownCredential,
  });
});

test('our own key as the Responder is refused', async () => {
  const mirror = ccsCredential(OWN.publicX, { kid: fromHex('00'), subject: 'lock' });
  responder = new Responder(privateKey, mirror);
  await refuses((await received()).verify(mirror), /our own key/);
});

/** @type {[string, import('../../../src/nyckelfri/web/base/bytes.js').Bytes, RegExp][]} */
const BAD_EAD = [
  ['a critical label nobody knows', encode(-9), /critical/],
  ['critical padding', concat(encode(0), encode(-65_536)), /critical/],
  ['a value without a label', encode(fromHex('aa')), /sequence of labels/],
  ['two values', concat(encode(1), encode(fromHex('aa')), encode(fromHex('aa'))), /sequence/],
  ['text', concat(encode(1), encode('a')), /sequence of labels/],
  ['17 items', concat(...Array.from({ length: 17 }, () => encode(0))), /too many/],
  ['no CBOR', fromHex('ff'), /refused/],
];

for (const [name, ead, text] of BAD_EAD) {
  test(`EAD is refused in message 2 and 4: ${name}`, async () => {
    await refuses(received({ ead2: ead }), text);
    const step = await awaiting();
    await refuses(step.message4(await responder.message4(ead)), text);
  });
}

test('unknown items that are not critical are passed over, and covered by MAC_2', async () => {
  const ead2 = encodeEad([{ label: 7, value: fromHex('aa') }, { label: 0 }, { label: 8 }]);
  const it = await received({ ead2 }, [8]);
  assert.deepEqual(it.ead2, [{ label: 8, value: null, critical: false }]);
  await it.verify(PEER);
});

test('whatever comes as message 2 or 4, it is an EdhocError', async () => {
  const junk = ['', '00', '40', '5820', `5820${'00'.repeat(32)}`, '6161', 'a0', 'ff', '5bff'];
  for (const data of junk.map(fromHex)) {
    await refuses((await initiator.message1()).awaitingMessage2.message2(data));
    await refuses((await awaiting()).message4(data));
  }
});

test('messages have their limits', async () => {
  const tooLong = encode(new Uint8Array(40_960));
  const beyondKeystream = encode(concat(PEER.publicX, new Uint8Array(8161)));
  const { awaitingMessage2 } = await initiator.message1();
  await refuses(awaitingMessage2.message2(beyondKeystream), /too short or too long/);
  await refuses((await awaiting()).message4(tooLong), /more than 40960 bytes/);
  const ready = await (await received()).verify(PEER);
  const ead3 = [{ label: 32769, value: new Uint8Array(40_960) }];
  await assert.rejects(ready.message3(ead3), RangeError);
});

test('a Responder is named in one way', async () => {
  const sign1 = [EMPTY, new Map(), EMPTY, EMPTY];
  const both = concat(fromHex('01'), encode(mapOf([13, sign1], [14, new Map()])));
  const lying = received({ plaintext: () => concat(both, encode(new Uint8Array(16))) });
  await refuses(lying, /kind that is not used/);
});

test('each step is taken once, also when it failed', async () => {
  const { awaitingMessage2 } = await initiator.message1();
  await refuses(awaitingMessage2.message2(fromHex('00')));
  await assert.rejects(awaitingMessage2.message2(fromHex('00')), StateError);

  const it = await received();
  const ready = await it.verify(PEER);
  await assert.rejects(it.verify(PEER), StateError);
  const both = await Promise.allSettled([ready.message3(), ready.message3()]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );

  const step = await awaiting();
  await step.message4(await responder.message4(EMPTY));
  await assert.rejects(step.message4(EMPTY), StateError);
});

test('an end that does not fit together is not made', () => {
  const staticKey = { privateKey, x: OWN.publicX };
  assert.throws(() => new Initiator({ staticKey, credential: PEER }), RangeError);
  assert.throws(() => new Initiator({ staticKey, credential: OWN, suites: [2, 6] }), RangeError);
  assert.throws(() => new Initiator({ staticKey, credential: OWN, suites: [] }), RangeError);
});

test('an exporter has its limits', async () => {
  const done = await (await awaiting()).message4(await responder.message4(EMPTY));
  assert.equal((await done.exporter(65_535, EMPTY, 8160)).length, 8160);
  for (const [label, length] of [
    [-1, 16],
    [65_536, 16],
    [0, 0],
    [0, 8161],
  ]) {
    await assert.rejects(done.exporter(label, EMPTY, length), RangeError);
  }
});

test('labels that cannot be written are refused', () => {
  for (const item of [{ label: -1 }, { label: 65_536 }, { label: 0, critical: true }]) {
    assert.throws(() => encodeEad([item]), RangeError);
  }
});

const ERRORS = /** @type {const} */ ([
  ['016772656675736564', ErrorCode.unspecified, []],
  ['0203', ErrorCode.wrongSuite, [3]],
  ['02820203', ErrorCode.wrongSuite, [2, 3]],
  ['03f5', ErrorCode.unknownCredential, []],
]);

for (const [hex, code, suitesR] of ERRORS) {
  test(`an error message: ${hex}`, () => {
    const error = readError(fromHex(hex));
    assert.deepEqual([error?.code, error?.suitesR], [code, suitesR]);
  });
}

for (const hex of [
  `01790100${'61'.repeat(256)}`,
  '',
  '01',
  '0161',
  '0100',
  '03f4',
  '028102',
  '02820261',
  '0480',
  'f56161',
  '01616100',
]) {
  test(`no error message: ${hex}`, () => {
    assert.equal(readError(fromHex(hex)), null);
  });
}

/** RFC 9529 chapter 3 with suite 2, byte for byte, as Initiator, and what it says to refuse. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMPTY, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import {
  EdhocError,
  ErrorCode,
  Initiator,
  credential,
  kid,
  readError,
} from '../../../src/nyckelfri/web/edhoc/index.js';
import { keyPair } from '../support/keys.js';
import { Responder } from '../support/responder.js';
import { vectors } from '../support/vectors.js';

const FILE = vectors('edhoc-rfc9529-static-dh.json');
/** @type {Record<string, string>} */
const FLAT = Object.fromEntries(
  Object.entries(FILE.chapter3)
    .filter(([section]) => section !== 'message_1 (first time)')
    .flatMap(([, entries]) => entries)
    .map(({ name, hex }) => [name, hex]),
);

/** @param {string} name */
const value = (name) => fromHex(FLAT[name] ?? FLAT[`${name} (Raw Value)`]);

/** @param {string} role @param {string} keyId */
const credentialOf = (role, keyId) =>
  credential(
    kid(fromHex(keyId)),
    value(`CRED_${role[0]} (CBOR Data Item)`),
    value(`${role}'s public authentication key, 'x'-coordinate`),
  );

const CRED_I = credentialOf('Initiator', '2b');
const CRED_R = credentialOf('Responder', '32');

async function begin() {
  const { privateKey } = await keyPair(toHex(value("Initiator's private authentication key SK_I")));
  const staticKey = { privateKey, x: CRED_I.publicX };
  const initiator = new Initiator({ staticKey, credential: CRED_I, suites: [6, 2] });
  return initiator.message1({
    cI: value('Connection identifier chosen by Initiator C_I'),
    ephemeral: await keyPair(toHex(value("Initiator's ephemeral private key X"))),
  });
}

async function responder() {
  const { privateKey } = await keyPair(toHex(value("Responder's private authentication key SK_R")));
  const ephemeral = await keyPair(toHex(value("Responder's ephemeral private key Y")));
  return new Responder(privateKey, CRED_R, { suite: 2, ephemeral });
}

test('the published messages are sent, understood, and give the published keys', async () => {
  const { message1, awaitingMessage2 } = await begin();
  assert.deepEqual(message1, value('message_1 (CBOR Sequence)'));
  const received = await awaitingMessage2.message2(value('message_2 (CBOR Sequence)'));
  assert.deepEqual(received.cR, value('Connection identifier chosen by Responder C_R (raw value)'));
  assert.deepEqual(received.idCredR, CRED_R.idCred);
  const { message3, awaitingMessage4 } = await (await received.verify(CRED_R)).message3();
  assert.deepEqual(message3, value('message_3 (CBOR Sequence)'));
  const done = await awaitingMessage4.message4(value('message_4 (CBOR Sequence)'));
  assert.deepEqual(done.ead4, []);
  assert.deepEqual(await done.exporter(0, EMPTY, 16), value('OSCORE Master Secret'));
  assert.deepEqual(await done.exporter(1, EMPTY, 8), value('OSCORE Master Salt'));
});

test("the tests' own Responder sends what is published", async () => {
  const other = await responder();
  const cR = value('Connection identifier chosen by Responder C_R (raw value)');
  const message2 = await other.message2(value('message_1 (CBOR Sequence)'), { cR });
  assert.deepEqual(message2, value('message_2 (CBOR Sequence)'));
  await other.message3(value('message_3 (CBOR Sequence)'), CRED_I);
  assert.deepEqual(await other.message4(EMPTY), value('message_4 (CBOR Sequence)'));
});

test('the published error names the suite', () => {
  const error = readError(value('error (CBOR Sequence)'));
  assert.equal(error?.code, ErrorCode.wrongSuite);
  assert.deepEqual(error?.suitesR, [2]);
});

/** Why each message for an Initiator is refused. @type {Record<string, RegExp>} */
const REASONS = {
  'Wrong number of CBOR sequence elements': /after the CBOR item/,
  'Surplus map encoding of ID_CRED field': /kind that is not used/,
  'Surplus bstr encoding of ID_CRED field': /one short form/,
  'Error in length of MAC': /MAC that is not as long/,
};

test('an Initiator is sent four of the messages to refuse', () => {
  const cases = FILE.invalid.filter((/** @type {any} */ invalid) => invalid.item !== 'message_1');
  assert.deepEqual(
    cases.map((/** @type {any} */ invalid) => invalid.case),
    Object.keys(REASONS),
  );
});

for (const invalid of FILE.invalid.filter((/** @type {any} */ each) => each.case in REASONS)) {
  test(`refused: ${invalid.case}`, async () => {
    const { message1, awaitingMessage2 } = await begin();
    const said = fromHex(invalid.hex);
    const data =
      invalid.item === 'message_2'
        ? said
        : await (await responder()).message2(message1, { plaintext: () => said });
    await assert.rejects(awaitingMessage2.message2(data), (error) => {
      assert(error instanceof EdhocError);
      assert.match(error.message, REASONS[invalid.case]);
      return true;
    });
  });
}

test('points that are not on the curve are refused', async () => {
  const points = FILE.invalid
    .filter((/** @type {any} */ each) => each.case.startsWith('Error in elliptic curve'))
    .map((/** @type {any} */ each) => fromHex(each.hex).slice(4, 36))
    .filter((/** @type {Uint8Array} */ x) => x.length === 32);
  assert(points.length >= 2);
  for (const x of points) {
    const { awaitingMessage2 } = await begin();
    const data = encode(Uint8Array.of(...x, 1, 2, 3));
    await assert.rejects(awaitingMessage2.message2(data), /not a point on P-256/);
  }
});

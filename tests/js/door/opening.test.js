/** vectors/opening.json: what a phone sends and understands, and what it makes of lies. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMPTY, concat, fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import {
  Command,
  NotAcceptedError,
  PhoneOpening,
  Reason,
} from '../../../src/nyckelfri/web/door/index.js';
import { encodeEad } from '../../../src/nyckelfri/web/edhoc/ead.js';
import { ccsCredential, credential, kcwt } from '../../../src/nyckelfri/web/edhoc/index.js';
import { keyPair, publicPoint } from '../support/keys.js';
import { Responder } from '../support/responder.js';
import { blob, turned, vectors } from '../support/vectors.js';

const { given: GIVEN, cases: CASES } = vectors('opening.json');
const OPENINGS = CASES.filter((/** @type {any} */ each) => each.kind === 'opening');
const DOOR = {
  installation: fromHex(GIVEN.installation),
  lockKey: fromHex(GIVEN.lock_key_x),
  radioKey: fromHex(GIVEN.radio_key),
};
const GRANT = fromHex(OPENINGS[0].grant);
const PHONE = await keyPair(GIVEN.private_keys.phone);

/** The name that the vectors have for a `Reason`. @param {number} reason */
const nameOf = (reason) =>
  Object.entries(Reason)
    .find(([, number]) => number === reason)?.[0]
    .replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

for (const vector of OPENINGS) {
  test(`a phone: ${vector.name}`, async () => {
    const [, message2, message3, message4] = vector.messages.map(fromHex);
    const ephemeral = await keyPair(GIVEN.private_keys.phone_ephemeral);
    const opening = new PhoneOpening(DOOR, PHONE, fromHex(vector.grant));
    const first = await opening.message1({ ephemeral });
    assert.equal(toHex(first.message1), vector.messages[0]);
    const proven = await first.awaitingLock.message2(message2);
    const carried = { keySet: blob(vector.key_set), bulletin: blob(vector.bulletin) };
    const second = await proven.message3(vector.command, carried);
    assert.deepEqual(second.message3, message3);
    const { decision, courier } = await second.awaitingDecision.message4(message4);
    assert.equal(nameOf(decision.reason), vector.decision.reason);
    assert.equal(decision.number, vector.decision.number);
    assert.equal(toHex(decision.head), vector.decision.head);
    const [status, fetch] = vector.records;
    assert.equal((await courier.open(fromHex(status.hex))).type, 'status');
    const sealed = await courier.seal({ type: 'fetch', first: fetch.fields[0] });
    assert.equal(toHex(sealed), fetch.hex);
  });
}

for (const vector of CASES.filter((/** @type {any} */ each) => each.kind === 'refused_by_error')) {
  test(`a refused phone: ${vector.name}`, async () => {
    const scalars = GIVEN.private_keys;
    const opening = new PhoneOpening(DOOR, PHONE, fromHex(vector.grant));
    const first = await opening.message1({ ephemeral: await keyPair(scalars.phone_ephemeral) });
    assert.equal(toHex(first.message1), vector.messages[0]);
    const proven = await first.awaitingLock.message2(fromHex(vector.messages[1]));
    const { message3, awaitingDecision } = await proven.message3(vector.command);
    assert.equal(toHex(message3), vector.messages[2]);
    await assert.rejects(awaitingDecision.message4(fromHex(vector.error)), NotAcceptedError);
  });
}

const LOCK_CREDENTIAL = ccsCredential(DOOR.lockKey, {
  kid: fromHex('00'),
  subject: GIVEN.installation,
});

/** A lock of the tests' own, and the phone's first step. */
async function met(key = /** @type {any} */ (PHONE), named = LOCK_CREDENTIAL) {
  const { privateKey } = await keyPair(GIVEN.private_keys.lock);
  const lock = new Responder(privateKey, named);
  const { message1, awaitingLock } = await new PhoneOpening(DOOR, key, GRANT).message1();
  return { lock, message1, awaitingLock };
}

/** A phone that awaits a decision, and its lock. */
async function asked(key = /** @type {any} */ (PHONE)) {
  const { lock, message1, awaitingLock } = await met(key);
  const proven = await awaitingLock.message2(await lock.message2(message1));
  const { message3, awaitingDecision } = await proven.message3(Command.unlock);
  const { x } = publicPoint(GIVEN.private_keys.phone);
  await lock.message3(message3, credential(kcwt(GRANT), GRANT, x));
  return { lock, awaitingDecision };
}

test('two openings share no message', async () => {
  const [one, two] = [await met(), await met()];
  assert.notDeepEqual(one.message1, two.message1);
  assert.equal(one.message1.length, 37);
});

test('a private key that cannot be exported will do, with the x of its public half', async () => {
  const { x } = publicPoint(GIVEN.private_keys.phone);
  await asked({ privateKey: PHONE.privateKey, x });
});

test('a lock with another key or another installation is not the lock of this door', async () => {
  const { message1, awaitingLock } = await met();
  const { privateKey } = await keyPair(GIVEN.private_keys.factory);
  const stranger = new Responder(privateKey, LOCK_CREDENTIAL);
  await assert.rejects(awaitingLock.message2(await stranger.message2(message1)), {
    name: 'NotAcceptedError',
    message: /not the lock of this door: MAC_2/,
  });

  const moved = ccsCredential(DOOR.lockKey, { kid: fromHex('00'), subject: '0000000000000000' });
  const other = await met(PHONE, moved);
  const said = await other.lock.message2(other.message1);
  await assert.rejects(other.awaitingLock.message2(said), NotAcceptedError);
});

test('a lock that names another credential is not of this protocol', async () => {
  const named = ccsCredential(DOOR.lockKey, { kid: fromHex('01'), subject: GIVEN.installation });
  const { lock, message1, awaitingLock } = await met(PHONE, named);
  await assert.rejects(awaitingLock.message2(await lock.message2(message1)), NotAcceptedError);
});

test('an error in the place of message 2 or 4 is a refusal', async () => {
  for (const error of ['016772656675736564', '0203', '03f5']) {
    const { awaitingLock } = await met();
    await assert.rejects(awaitingLock.message2(fromHex(error)), /the lock refused/);
    const { awaitingDecision } = await asked();
    await assert.rejects(awaitingDecision.message4(fromHex(error)), /the lock refused/);
  }
});

test('whatever comes as message 2 or 4, it is a NotAcceptedError', async () => {
  for (const junk of ['', '00', '40', '5820', 'f6', `5840${'00'.repeat(64)}`].map(fromHex)) {
    await assert.rejects((await met()).awaitingLock.message2(junk), NotAcceptedError);
    await assert.rejects((await asked()).awaitingDecision.message4(junk), NotAcceptedError);
  }
});

const DECISION = 32771;
const HEAD = fromHex('a0a1a2a3a4a5a6a7');
const sequence = (/** @type {any[]} */ ...values) => concat(...values.map((each) => encode(each)));

test('a reason that this phone does not know is a refusal', async () => {
  for (const reason of [11, 254, 255, 256, 65_536]) {
    const { lock, awaitingDecision } = await asked();
    const value = sequence(reason, 1, HEAD);
    const message4 = await lock.message4(encodeEad([{ label: DECISION, value }]));
    const { decision } = await awaitingDecision.message4(message4);
    assert.equal(decision.reason, Reason.unknown);
  }
});

/** @type {[string, import('../../../src/nyckelfri/web/base/bytes.js').Bytes][]} */
const MALFORMED = [
  ['no decision', EMPTY],
  ['a decision without value', encodeEad([{ label: DECISION }])],
  ['another item', encodeEad([{ label: 32770, value: sequence(0, 1, HEAD) }])],
  [
    'two decisions',
    encodeEad([1, 2].map((number) => ({ label: DECISION, value: sequence(0, number, HEAD) }))),
  ],
  ...[
    sequence(),
    sequence(0, 1),
    sequence(0, 1, HEAD, 0),
    sequence(0, 1, HEAD.slice(1)),
    sequence(false, 1, HEAD),
    sequence(0, false, HEAD),
    sequence(-1, 1, HEAD),
    sequence(0, -1, HEAD),
    sequence([0], 1, HEAD),
    sequence('0', 1, HEAD),
    sequence(0, 1, 'a0a1a2a3'),
    fromHex('1800'),
    fromHex('ff'),
  ].map(
    (value) =>
      /** @type {[string, any]} */ ([
        `decision ${toHex(value)}`,
        encodeEad([{ label: DECISION, value }]),
      ]),
  ),
];

for (const [name, ead4] of MALFORMED) {
  test(`not an answer: ${name}`, async () => {
    const { lock, awaitingDecision } = await asked();
    const message4 = await lock.message4(ead4);
    await assert.rejects(awaitingDecision.message4(message4), NotAcceptedError);
  });
}

test('a changed message 4 opens nothing', async () => {
  const { lock, awaitingDecision } = await asked();
  const value = sequence(0, 1, HEAD);
  const message4 = await lock.message4(encodeEad([{ label: DECISION, value }]));
  await assert.rejects(awaitingDecision.message4(turned(message4, -1)), NotAcceptedError);
});

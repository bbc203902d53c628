/** vectors/edhoc-suite3.json: the profile of the door, byte for byte, as Initiator. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fromHex, toHex } from '../../../src/nyckelfri/web/base/bytes.js';
import { decode } from '../../../src/nyckelfri/web/base/cbor.js';
import { encodeIdCred } from '../../../src/nyckelfri/web/edhoc/credentials.js';
import { Initiator, credential, kcwt, kid } from '../../../src/nyckelfri/web/edhoc/index.js';
import { keyPair, publicPoint } from '../support/keys.js';
import { blob, vectors } from '../support/vectors.js';

const FILE = vectors('edhoc-suite3.json');
const KNOWN = [32_768, 32_769];

/** @param {string} idCred @param {string} cred @param {string} scalar */
function credentialOf(idCred, cred, scalar) {
  const map = decode(fromHex(idCred));
  assert(map instanceof Map);
  const keyId = map.get(4);
  const raw = fromHex(cred);
  const { x } = publicPoint(scalar);
  return credential(keyId instanceof Uint8Array ? kid(keyId) : kcwt(raw), raw, x);
}

/** @param {{label: number, value: string | null, critical: boolean}[]} items */
const ead = (items) =>
  items.map(({ label, value, critical }) => ({ label, value: blob(value), critical }));

for (const vector of FILE.handshakes) {
  test(vector.name, async () => {
    const own = credentialOf(vector.id_cred_i, vector.cred_i, FILE.static_i);
    const peer = credentialOf(vector.id_cred_r, vector.cred_r, FILE.static_r);
    const { privateKey } = await keyPair(FILE.static_i);
    const staticKey = { privateKey, x: own.publicX };
    const initiator = new Initiator({ staticKey, credential: own });

    const { message1, awaitingMessage2 } = await initiator.message1({
      cI: fromHex(vector.c_i),
      ead1: ead(vector.ead_1),
      ephemeral: await keyPair(vector.ephemeral_i),
    });
    assert.equal(toHex(message1), vector.message_1);
    const received = await awaitingMessage2.message2(fromHex(vector.message_2), KNOWN);
    assert.equal(toHex(received.cR), vector.c_r);
    assert.equal(toHex(encodeIdCred(received.idCredR)), vector.id_cred_r);
    const ready = await received.verify(peer);
    const { message3, awaitingMessage4 } = await ready.message3(ead(vector.ead_3));
    assert.equal(toHex(message3), vector.message_3);
    const done = await awaitingMessage4.message4(fromHex(vector.message_4), KNOWN);

    const understood = [received.ead2, done.ead4];
    const sent = [vector.ead_2, vector.ead_4].map((items) =>
      ead(items).filter(({ label }) => label !== 0),
    );
    assert.deepEqual(understood, sent);
    for (const { label, context, length, key } of vector.exported) {
      assert.equal(toHex(await done.exporter(label, fromHex(context), length)), key);
    }
  });
}

/**
 * The phone's side of an opening, and the same WebCrypto calls without anything around them.
 *
 * House rules: the lock's messages stand in vectors/opening.json, so the phone's ephemeral key is
 * that of the vectors, and a fresh one is made and thrown away in its place. A run of the bare
 * calls must make exactly the calls of a run of ours, or nothing is measured.
 */

import { concat, fromHex } from '/web/base/bytes.js';
import { PhoneOpening } from '/web/door/index.js';
import { generate } from '/web/edhoc/crypto.js';

const { subtle } = crypto;
const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const HMAC = { name: 'HMAC', hash: 'SHA-256' };

/** @param {object} jwk with the private scalar */
async function pair({ d, ...point }) {
  return {
    privateKey: await subtle.importKey('jwk', { ...point, d }, ECDH, false, ['deriveBits']),
    publicKey: await subtle.importKey('jwk', point, ECDH, true, []),
  };
}

/** From nothing to the record layer behind message 4. */
async function opening({ door, phone, ephemeral, grant, message2, message4 }) {
  await generate();
  const first = await new PhoneOpening(door, phone, grant).message1({ ephemeral });
  const proven = await first.awaitingLock.message2(message2);
  const second = await proven.message3(1);
  return second.awaitingDecision.message4(message4);
}

/** What RFC 9528 and the courier ask of WebCrypto for that, on bytes of the same sizes. */
async function bare({ phone, ephemeral, compressed }) {
  await subtle.generateKey(ECDH, false, ['deriveBits']);
  await subtle.exportKey('raw', ephemeral.publicKey); // G_X
  await subtle.importKey('raw', compressed, ECDH, false, []); // G_Y
  const lock = await subtle.importKey('raw', compressed, ECDH, false, []);
  for (const { privateKey } of [ephemeral, ephemeral, phone]) {
    // G_XY, G_RX, G_IY
    await subtle.deriveBits({ name: 'ECDH', public: lock }, privateKey, 256);
  }
  for (const size of [37, 71, 130, 420]) {
    // message 1, TH_2, TH_3, TH_4
    await subtle.digest('SHA-256', new Uint8Array(size));
  }
  let prk;
  for (let at = 0; at < 8; at += 1) {
    // three salts, three PRKs, PRK_out, PRK_exporter
    prk = await subtle.importKey('raw', new Uint8Array(32), HMAC, false, ['sign']);
  }
  for (let at = 0; at < 16; at += 1) {
    // three extractions, thirteen expansions of one block
    await subtle.sign('HMAC', prk, new Uint8Array(40));
  }
  for (const size of [272, 96, 0, 0]) {
    // messages 3 and 4; the two directions of the courier
    const cbc = await subtle.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['encrypt']);
    const ctr = await subtle.importKey('raw', new Uint8Array(16), 'AES-CTR', false, ['encrypt']);
    if (!size) continue;
    const iv = new Uint8Array(16);
    await subtle.encrypt({ name: 'AES-CBC', iv }, cbc, new Uint8Array(size));
    const algorithm = { name: 'AES-CTR', counter: iv, length: 16 };
    await subtle.encrypt(algorithm, ctr, new Uint8Array(size - 64));
  }
}

/** How often `work` calls each function of WebCrypto. */
async function calls(work) {
  const counts = {};
  const own = SubtleCrypto.prototype;
  const names = [
    'generateKey',
    'exportKey',
    'importKey',
    'deriveBits',
    'digest',
    'sign',
    'encrypt',
  ];
  const kept = names.map((name) => [name, own[name]]);
  for (const [name, real] of kept) {
    own[name] = function counted(...given) {
      counts[name] = (counts[name] ?? 0) + 1;
      return real.apply(this, given);
    };
  }
  await work();
  for (const [name, real] of kept) own[name] = real;
  return JSON.stringify(Object.entries(counts).sort());
}

/** Milliseconds of one of `times` runs. */
async function milliseconds(work, times) {
  const start = performance.now();
  for (let at = 0; at < times; at += 1) await work();
  return (performance.now() - start) / times;
}

/** Pairs of milliseconds, ours and bare, in turn.
 * @param {{door: Record<string, string>, phone: object, ephemeral: object, x: string,
 *   grant: string, messages: string[]}} given @param {number} batches @param {number} times */
export async function measure(given, batches, times) {
  const [phone, ephemeral] = await Promise.all([given.phone, given.ephemeral].map(pair));
  const session = {
    door: Object.fromEntries(Object.entries(given.door).map(([name, hex]) => [name, fromHex(hex)])),
    phone: { privateKey: phone.privateKey, x: fromHex(given.x) },
    ephemeral,
    compressed: concat([2], fromHex(given.x)),
    grant: fromHex(given.grant),
    message2: fromHex(given.messages[1]),
    message4: fromHex(given.messages[3]),
  };
  const ours = () => opening(session);
  const theirs = () => bare(session);
  const [made, reference] = [await calls(ours), await calls(theirs)];
  if (made !== reference) throw new Error(`ours calls ${made}, the reference ${reference}`);
  await milliseconds(ours, times);
  await milliseconds(theirs, times);
  const pairs = [];
  for (let at = 0; at < batches; at += 1) {
    pairs.push([await milliseconds(ours, times), await milliseconds(theirs, times)]);
  }
  return pairs;
}

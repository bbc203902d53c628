/**
 * A Responder that says what a test tells it to, for lies that no vector tells.
 *
 * It shares the key schedule with the Initiator under test; that this schedule is the right one
 * is what the vectors show.
 */

import { EMPTY, concat, equal } from '../../../src/nyckelfri/web/base/bytes.js';
import { decode, decodeSequence, encode } from '../../../src/nyckelfri/web/base/cbor.js';
import { compactIdCred } from '../../../src/nyckelfri/web/edhoc/credentials.js';
import {
  coordinate,
  expand,
  generate,
  point,
  shared,
} from '../../../src/nyckelfri/web/edhoc/crypto.js';
import { encodeIdentifier } from '../../../src/nyckelfri/web/edhoc/identifiers.js';
import { Stage2, macLengthOf } from '../../../src/nyckelfri/web/edhoc/schedule.js';

/** @import { Bytes } from '../../../src/nyckelfri/web/base/bytes.js' */
/** @import { Credential } from '../../../src/nyckelfri/web/edhoc/credentials.js' */
/** @import { Stage3, Stage4 } from '../../../src/nyckelfri/web/edhoc/schedule.js' */
/** @typedef {{cR?: Bytes, ead2?: Bytes, mac?: (mac: Bytes) => Bytes,
 *   plaintext?: (plaintext: Bytes) => Bytes}} Words */

export class Responder {
  #y = /** @type {CryptoKey | null} */ (null);
  #stage3 = /** @type {Stage3 | null} */ (null);
  #stage4 = /** @type {Stage4 | null} */ (null);

  /** @param {CryptoKey} privateKey @param {Credential} credential
   * @param {{suite?: number, ephemeral?: CryptoKeyPair}} [options] */
  constructor(privateKey, credential, { suite = 3, ephemeral } = {}) {
    this.privateKey = privateKey;
    this.credential = credential;
    this.ephemeral = ephemeral;
    this.macLength = macLengthOf(suite);
  }

  /** message_2 in answer to message_1, as far as `words` does not change it.
   * @param {Bytes} message1 @param {Words} [words] @returns {Promise<Bytes>} */
  async message2(message1, words = {}) {
    const { cR = Uint8Array.of(1), ead2 = EMPTY, mac = same, plaintext = same } = words;
    const pair = this.ephemeral ?? (await generate());
    const x = await point(/** @type {Bytes} */ (decodeSequence(message1)[2]));
    const gY = await coordinate(pair.publicKey);
    const gXy = await shared(pair.privateKey, x);
    const stage = await Stage2.begin(this.macLength, message1, gY, gXy);
    const prk3e2m = await stage.mix(await shared(this.privateKey, x));
    const proof = mac(await stage.mac(prk3e2m, encodeIdentifier(cR), this.credential, ead2));
    const named = compactIdCred(this.credential.idCred);
    const text = plaintext(concat(encodeIdentifier(cR), named, encode(proof), ead2));
    this.#y = pair.privateKey;
    this.#stage3 = await stage.next(prk3e2m, text, this.credential);
    return encode(concat(gY, await stage.crypt(text)));
  }

  /** What message_3 says: the plaintext; an error unless MAC_3 holds for this credential.
   * @param {Bytes} message3 @param {Credential} credentialI @returns {Promise<Bytes>} */
  async message3(message3, credentialI) {
    if (!this.#stage3 || !this.#y) throw new Error('message_2 was not sent');
    const stage = this.#stage3;
    const text = await (await stage.cipher()).unseal(/** @type {Bytes} */ (decode(message3)));
    const start = compactIdCred(credentialI.idCred).length;
    const head = encode(new Uint8Array(this.macLength)).length - this.macLength;
    const at = start + head;
    const mac = text.slice(at, at + this.macLength);
    const ead3 = text.slice(at + this.macLength);
    const gIy = await shared(this.#y, await point(credentialI.publicX));
    const prk4e3m = await stage.mix(gIy);
    if (!equal(mac, await stage.mac(prk4e3m, credentialI, ead3))) throw new Error('MAC_3 is wrong');
    this.#stage4 = await stage.next(prk4e3m, text, credentialI);
    return text;
  }

  /** message_4 with these bytes as EAD_4. @param {Bytes} ead4 @returns {Promise<Bytes>} */
  async message4(ead4) {
    if (!this.#stage4) throw new Error('message_3 has not come');
    return encode(await (await this.#stage4.cipher()).seal(ead4));
  }

  /** @param {number} label @param {Bytes} context @param {number} length */
  async exporter(label, context, length) {
    if (!this.#stage4) throw new Error('message_3 has not come');
    return expand(await this.#stage4.prkExporter(), label, context, length);
  }
}

const same = (/** @type {Bytes} */ bytes) => bytes;

/**
 * The Initiator: message_1, message_3, and checking message_2 and message_4.
 *
 * House rules: each step is taken once and yields the next, so the types show what may follow; a
 * step is spent by being tried, so that no ephemeral key ever meets a second message. No I/O and
 * no clock. Names follow RFC 9528.
 */

import { equal } from '../base/bytes.js';
import { encode } from '../base/cbor.js';
import { sameIdCred } from './credentials.js';
import { MAX_EXPAND, coordinate, expand, generate, point, shared } from './crypto.js';
import { encodeEad } from './ead.js';
import { EdhocError, ErrorCode, StateError } from './errors.js';
import { encodeIdentifier } from './identifiers.js';
import {
  composeMessage1,
  composePlaintext3,
  readCiphertext,
  readMessage2,
  readPlaintext2,
  readPlaintext4,
} from './messages.js';
import { Stage2, macLengthOf } from './schedule.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Credential } from './credentials.js' */
/** @import { StaticKey } from './crypto.js' */
/** @import { EadItem } from './ead.js' */
/** @import { Plaintext2 } from './messages.js' */
/** @import { Stage3, Stage4 } from './schedule.js' */
/** Who we are; `suites` are those we prefer, best first, and the last of them is asked for.
 * @typedef {{staticKey: StaticKey, credential: Credential, suites: number[],
 *   macLength: number}} Own */

const MAX_EXPORTER_LABEL = 65_535;

/** A function that may be called once; StateError from then on. */
function once() {
  let spent = false;
  return () => {
    if (spent) throw new StateError('this step was already taken: begin a new handshake');
    spent = true;
  };
}

/** One end that begins handshakes; use it for as many as you like. */
export class Initiator {
  #own;

  /** RangeError when the last of `suites` is not 2 or 3, or `credential` does not name the key.
   * @param {{staticKey: StaticKey, credential: Credential, suites?: number[]}} own */
  constructor({ staticKey, credential, suites = [3] }) {
    const macLength = macLengthOf(suites[suites.length - 1]);
    if (!equal(staticKey.x, credential.publicX)) {
      throw new RangeError('the credential names another key than staticKey');
    }
    this.#own = Object.freeze({ staticKey, credential, suites, macLength });
  }

  /** `ephemeral` must never be used twice; leave it out outside tests.
   * @param {{cI?: Bytes, ead1?: EadItem[], ephemeral?: CryptoKeyPair}} [options]
   * @returns {Promise<{message1: Bytes, awaitingMessage2: AwaitingMessage2}>} */
  async message1({ cI = Uint8Array.of(0), ead1 = [], ephemeral } = {}) {
    const { suites } = this.#own;
    const pair = ephemeral ?? (await generate());
    const suitesI = suites.length === 1 ? suites[0] : suites;
    const gX = await coordinate(pair.publicKey);
    const message1 = composeMessage1(suitesI, gX, cI, encodeEad(ead1));
    return {
      message1,
      awaitingMessage2: new AwaitingMessage2(this.#own, pair.privateKey, message1),
    };
  }
}

/** message_1 is sent. */
export class AwaitingMessage2 {
  #spend = once();
  #own;
  #ephemeral;
  #message1;

  /** @param {Own} own @param {CryptoKey} ephemeral @param {Bytes} message1 */
  constructor(own, ephemeral, message1) {
    this.#own = own;
    this.#ephemeral = ephemeral;
    this.#message1 = message1;
  }

  /** Decrypt message_2; EdhocError.
   * @param {Uint8Array} data @param {number[]} [known] EAD labels
   * @returns {Promise<Message2Received>} */
  async message2(data, known = []) {
    this.#spend();
    const { gY, ciphertext2 } = readMessage2(data);
    const y = await point(gY);
    const { macLength } = this.#own;
    const gXy = await shared(this.#ephemeral, y);
    const stage = await Stage2.begin(macLength, this.#message1, gY, gXy);
    const content = readPlaintext2(await stage.crypt(ciphertext2), macLength, known);
    return new Message2Received(this.#own, this.#ephemeral, y, stage, content);
  }
}

/** message_2 is decrypted; nobody is authenticated yet, anyone can have sent it. */
export class Message2Received {
  #spend = once();
  #own;
  #ephemeral;
  #y;
  #stage;
  #content;

  /** @param {Own} own @param {CryptoKey} ephemeral @param {CryptoKey} y @param {Stage2} stage
   * @param {Plaintext2} content */
  constructor(own, ephemeral, y, stage, content) {
    this.#own = own;
    this.#ephemeral = ephemeral;
    this.#y = y;
    this.#stage = stage;
    this.#content = content;
    this.cR = content.cR;
    this.idCredR = content.idCred;
    this.ead2 = content.items;
  }

  /** Check that the Responder holds the key of this credential; EdhocError.
   * @param {Credential} credentialR @returns {Promise<ReadyForMessage3>} */
  async verify(credentialR) {
    this.#spend();
    if (!sameIdCred(credentialR.idCred, this.idCredR)) {
      const code = ErrorCode.unknownCredential;
      throw new EdhocError('the peer named another credential', { code });
    }
    if (equal(credentialR.publicX, this.#own.credential.publicX)) {
      throw new EdhocError('the peer presents our own key'); // a reflected handshake
    }
    const { raw, mac, ead } = this.#content;
    const gRx = await shared(this.#ephemeral, await point(credentialR.publicX));
    const prk3e2m = await this.#stage.mix(gRx);
    const expected = await this.#stage.mac(prk3e2m, encodeIdentifier(this.cR), credentialR, ead);
    if (!equal(mac, expected)) throw new EdhocError('MAC_2 is wrong');
    const stage = await this.#stage.next(prk3e2m, raw, credentialR);
    return new ReadyForMessage3(this.#own, this.#y, stage);
  }
}

/** The Responder is authenticated, and so is EAD_2. */
export class ReadyForMessage3 {
  #spend = once();
  #own;
  #y;
  #stage;

  /** @param {Own} own @param {CryptoKey} y @param {Stage3} stage */
  constructor(own, y, stage) {
    this.#own = own;
    this.#y = y;
    this.#stage = stage;
  }

  /** Who we are, proof of it, and EAD_3, for this Responder only.
   * @param {EadItem[]} [ead3]
   * @returns {Promise<{message3: Bytes, awaitingMessage4: AwaitingMessage4}>} */
  async message3(ead3 = []) {
    this.#spend();
    const { staticKey, credential } = this.#own;
    const ead = encodeEad(ead3);
    const prk4e3m = await this.#stage.mix(await shared(staticKey.privateKey, this.#y));
    const mac = await this.#stage.mac(prk4e3m, credential, ead);
    const plaintext = composePlaintext3(credential.idCred, mac, ead);
    const message3 = encode(await (await this.#stage.cipher()).seal(plaintext));
    const stage = await this.#stage.next(prk4e3m, plaintext, credential);
    return { message3, awaitingMessage4: new AwaitingMessage4(stage) };
  }
}

/** message_3 is sent. */
export class AwaitingMessage4 {
  #spend = once();
  #stage;

  /** @param {Stage4} stage */
  constructor(stage) {
    this.#stage = stage;
  }

  /** Decrypt message_4, which proves that the Responder accepted; EdhocError.
   * @param {Uint8Array} data @param {number[]} [known] EAD labels
   * @returns {Promise<InitiatorDone>} */
  async message4(data, known = []) {
    this.#spend();
    const ciphertext = readCiphertext('message_4', data);
    const plaintext = await (await this.#stage.cipher()).unseal(ciphertext);
    const ead4 = readPlaintext4(plaintext, known);
    return new InitiatorDone(await this.#stage.prkExporter(), ead4);
  }
}

/** Both ends are authenticated and hold the same keys; `ead4` is what message_4 carried. */
export class InitiatorDone {
  #prkExporter;

  /** @param {CryptoKey} prkExporter @param {Required<EadItem>[]} ead4 */
  constructor(prkExporter, ead4) {
    this.#prkExporter = prkExporter;
    this.ead4 = ead4;
  }

  /** `length` bytes for the use that label and context name (RFC 9528 section 4.2.1).
   *
   * Labels 32768 to 65535 are for private use. RangeError outside the limits.
   * @param {number} label @param {Bytes} context @param {number} length @returns {Promise<Bytes>} */
  async exporter(label, context, length) {
    if (!(label >= 0 && label <= MAX_EXPORTER_LABEL && length > 0 && length <= MAX_EXPAND)) {
      throw new RangeError(`an exporter has label 0 to 65535 and length 1 to ${MAX_EXPAND}`);
    }
    return expand(this.#prkExporter, label, context, length);
  }
}

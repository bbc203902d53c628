/**
 * The key schedule and the transcript (RFC 9528 sections 4 and 5), the same for both roles.
 *
 * House rules: a stage holds what both ends know at one point of the handshake and yields the
 * next. Pseudorandom keys are CryptoKeys that cannot be exported. The numbers in `expand` calls
 * are the info labels of RFC 9528 section 4.1.2.
 */

import { EMPTY, concat } from '../base/bytes.js';
import { encode } from '../base/cbor.js';
import { encodeIdCred } from './credentials.js';
import { AesCcm, HASH, KEY, NONCE, digest, expand, extract, hmacKey, xor } from './crypto.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Credential } from './credentials.js' */
/** The AEAD of one message, under the key and the nonce that belong to it.
 * @typedef {{seal: (text: Bytes) => Promise<Bytes>, unseal: (text: Bytes) => Promise<Bytes>}} Cipher */

/** Length in bytes of a suite's EDHOC MAC and AEAD tag; RangeError for one not spoken here.
 * @param {number} suite @returns {number} */
export function macLengthOf(suite) {
  if (suite !== 2 && suite !== 3) throw new RangeError('ask for cipher suite 2 or 3');
  return suite === 2 ? 8 : 16;
}

/** Both ephemeral keys are mixed; nobody is authenticated. */
export class Stage2 {
  /** @param {number} macLength @param {Bytes} th2 @param {CryptoKey} prk2e */
  constructor(macLength, th2, prk2e) {
    this.macLength = macLength;
    this.th2 = th2;
    this.prk2e = prk2e;
  }

  /** Hash G_Y and message_1 into TH_2, and extract PRK_2e from the shared secret G_XY.
   * @param {number} macLength @param {Bytes} message1 @param {Bytes} gY @param {Bytes} gXy
   * @returns {Promise<Stage2>} */
  static async begin(macLength, message1, gY, gXy) {
    const th2 = await digest(encode(gY), encode(await digest(message1)));
    return new Stage2(macLength, th2, await extract(th2, gXy));
  }

  /** Encrypt PLAINTEXT_2 or decrypt CIPHERTEXT_2: a keystream, and no integrity.
   * @param {Bytes} text @returns {Promise<Bytes>} */
  async crypt(text) {
    return xor(text, await expand(this.prk2e, 0, this.th2, text.length));
  }

  /** Mix the Responder's static key in: PRK_3e2m. @param {Bytes} gRx @returns {Promise<CryptoKey>} */
  async mix(gRx) {
    return extract(await expand(this.prk2e, 1, this.th2, HASH), gRx);
  }

  /** MAC_2; `cR` and `ead2` as encoded in PLAINTEXT_2.
   * @param {CryptoKey} prk3e2m @param {Bytes} cR @param {Credential} credential
   * @param {Bytes} ead2 @returns {Promise<Bytes>} */
  mac(prk3e2m, cR, { idCred, cred }, ead2) {
    const context = concat(cR, encodeIdCred(idCred), encode(this.th2), cred, ead2);
    return expand(prk3e2m, 2, context, this.macLength);
  }

  /** Hash PLAINTEXT_2 and CRED_R into TH_3.
   * @param {CryptoKey} prk3e2m @param {Bytes} plaintext2 @param {Credential} credential
   * @returns {Promise<Stage3>} */
  async next(prk3e2m, plaintext2, { cred }) {
    const th3 = await digest(encode(this.th2), plaintext2, cred);
    return new Stage3(this.macLength, th3, prk3e2m);
  }
}

/** The Responder is authenticated to the Initiator. */
export class Stage3 {
  /** @param {number} macLength @param {Bytes} th3 @param {CryptoKey} prk3e2m */
  constructor(macLength, th3, prk3e2m) {
    this.macLength = macLength;
    this.th3 = th3;
    this.prk3e2m = prk3e2m;
  }

  /** Mix the Initiator's static key in: PRK_4e3m. @param {Bytes} gIy @returns {Promise<CryptoKey>} */
  async mix(gIy) {
    return extract(await expand(this.prk3e2m, 5, this.th3, HASH), gIy);
  }

  /** MAC_3; `ead3` as encoded in PLAINTEXT_3.
   * @param {CryptoKey} prk4e3m @param {Credential} credential @param {Bytes} ead3
   * @returns {Promise<Bytes>} */
  mac(prk4e3m, { idCred, cred }, ead3) {
    const context = concat(encodeIdCred(idCred), encode(this.th3), cred, ead3);
    return expand(prk4e3m, 6, context, this.macLength);
  }

  /** What encrypts PLAINTEXT_3. @returns {Promise<Cipher>} */
  cipher() {
    return cipher(this.prk3e2m, 3, this.th3, this.macLength);
  }

  /** Hash PLAINTEXT_3 and CRED_I into TH_4.
   * @param {CryptoKey} prk4e3m @param {Bytes} plaintext3 @param {Credential} credential
   * @returns {Promise<Stage4>} */
  async next(prk4e3m, plaintext3, { cred }) {
    const th4 = await digest(encode(this.th3), plaintext3, cred);
    return new Stage4(this.macLength, th4, prk4e3m);
  }
}

/** Both are authenticated; message_4 and exported keys follow. */
export class Stage4 {
  /** @param {number} macLength @param {Bytes} th4 @param {CryptoKey} prk4e3m */
  constructor(macLength, th4, prk4e3m) {
    this.macLength = macLength;
    this.th4 = th4;
    this.prk4e3m = prk4e3m;
  }

  /** What encrypts PLAINTEXT_4. @returns {Promise<Cipher>} */
  cipher() {
    return cipher(this.prk4e3m, 8, this.th4, this.macLength);
  }

  /** The key that all exported keys come from. @returns {Promise<CryptoKey>} */
  async prkExporter() {
    const prkOut = await hmacKey(await expand(this.prk4e3m, 7, this.th4, HASH));
    return hmacKey(await expand(prkOut, 10, EMPTY, HASH));
  }
}

/** The AEAD whose key has this info label, and whose nonce has the next one.
 * @param {CryptoKey} prk @param {number} label @param {Bytes} transcriptHash
 * @param {number} tagLength @returns {Promise<Cipher>} */
async function cipher(prk, label, transcriptHash, tagLength) {
  const [aead, nonce] = await Promise.all([
    expand(prk, label, transcriptHash, KEY).then((key) => AesCcm.of(key, tagLength)),
    expand(prk, label + 1, transcriptHash, NONCE),
  ]);
  // The Enc_structure of a COSE_Encrypt0 without headers (RFC 9052 section 5.3).
  const aad = encode(['Encrypt0', EMPTY, transcriptHash]);
  return {
    seal: (text) => aead.seal(nonce, text, aad),
    unseal: (text) => aead.unseal(nonce, text, aad),
  };
}

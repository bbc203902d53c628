/**
 * The primitives of suites 2 and 3 in WebCrypto: P-256, SHA-256, HKDF and AES-CCM.
 *
 * House rules: points travel as x-coordinates and are checked to lie on the curve whenever they
 * are read (RFC 9528 section 9.2; the import of a compressed point does it). Every secret that
 * keys something is a CryptoKey that cannot be exported. Compressed points are read by Chromium
 * and Node, and not by every browser.
 */

import { EMPTY, concat, equal } from '../base/bytes.js';
import { encode } from '../base/cbor.js';
import { EdhocError } from './errors.js';

/** @import { Bytes } from '../base/bytes.js' */
/** A long-term key: one that may not be exportable, and the x-coordinate of its public point.
 * @typedef {{readonly privateKey: CryptoKey, readonly x: Bytes}} StaticKey */

export const COORDINATE = 32;
export const HASH = 32;
export const KEY = 16;
export const NONCE = 13;
/** The most bytes that HKDF-Expand gives (RFC 5869), which also bounds PLAINTEXT_2. */
export const MAX_EXPAND = 255 * HASH;

const { subtle } = globalThis.crypto;
const CURVE = Object.freeze({ name: 'ECDH', namedCurve: 'P-256' });
const HMAC = Object.freeze({ name: 'HMAC', hash: 'SHA-256' });
const BLOCK = 16;
const MAX_CCM = 65_535;

/** A fresh key pair, of which nobody can take the private half out. @returns {Promise<CryptoKeyPair>} */
export const generate = () => subtle.generateKey(CURVE, false, ['deriveBits']);

/** A key with its x-coordinate, from a pair or from one that has it already.
 * @param {CryptoKeyPair | StaticKey} key @returns {Promise<StaticKey>} */
export async function staticKey(key) {
  return 'x' in key ? key : { privateKey: key.privateKey, x: await coordinate(key.publicKey) };
}

/** The x-coordinate of a public key, 32 bytes. @param {CryptoKey} publicKey @returns {Promise<Bytes>} */
export async function coordinate(publicKey) {
  return new Uint8Array(await subtle.exportKey('raw', publicKey)).slice(1, 1 + COORDINATE);
}

/** A public key from its x-coordinate; EdhocError unless it is on the curve.
 *
 * Either y will do, because ECDH yields only an x-coordinate (RFC 6090 section 4.2).
 * @param {Bytes} x @returns {Promise<CryptoKey>} */
export async function point(x) {
  if (x.length !== COORDINATE) throw new EdhocError('a public key that is not 32 bytes long');
  try {
    return await subtle.importKey('raw', concat([2], x), CURVE, false, []);
  } catch {
    throw new EdhocError('a public key that is not a point on P-256');
  }
}

/** The ECDH shared secret, 32 bytes.
 * @param {CryptoKey} privateKey @param {CryptoKey} publicKey @returns {Promise<Bytes>} */
export async function shared(privateKey, publicKey) {
  const algorithm = { name: 'ECDH', public: publicKey };
  return new Uint8Array(await subtle.deriveBits(algorithm, privateKey, 8 * COORDINATE));
}

/** SHA-256 of all parts, 32 bytes. @param {...Uint8Array} parts @returns {Promise<Bytes>} */
export async function digest(...parts) {
  return new Uint8Array(await subtle.digest('SHA-256', concat(...parts)));
}

/** Raw bytes as a key for `hmac` and `expand`. @param {Bytes} raw @returns {Promise<CryptoKey>} */
export const hmacKey = (raw) => subtle.importKey('raw', raw, HMAC, false, ['sign']);

/** HMAC-SHA-256, 32 bytes. @param {CryptoKey} key @param {Bytes} data @returns {Promise<Bytes>} */
export async function hmac(key, data) {
  return new Uint8Array(await subtle.sign('HMAC', key, data));
}

/** HKDF-Extract, which is HMAC keyed with the salt (RFC 5869 section 2.2): a key for `expand`.
 * @param {Bytes} salt @param {Bytes} secret @returns {Promise<CryptoKey>} */
export const extract = async (salt, secret) => hmacKey(await hmac(await hmacKey(salt), secret));

/** EDHOC_KDF with HKDF-Expand (RFC 9528 section 4.1.2); `length` 1 to 8160 bytes.
 * @param {CryptoKey} prk @param {number} label @param {Bytes} context @param {number} length
 * @returns {Promise<Bytes>} */
export async function expand(prk, label, context, length) {
  const info = concat(encode(label), encode(context), encode(length));
  const out = new Uint8Array(Math.ceil(length / HASH) * HASH);
  let block = EMPTY;
  for (let at = 0; at < length; at += HASH) {
    block = await hmac(prk, concat(block, info, [at / HASH + 1]));
    out.set(block, at);
  }
  return out.slice(0, length);
}

/** Two byte strings of equal length combined. @param {Bytes} left @param {Bytes} right @returns {Bytes} */
export const xor = (left, right) => left.map((byte, at) => byte ^ right[at]);

/**
 * AES-CCM with 13-byte nonces (RFC 3610), from the AES-CBC and AES-CTR that WebCrypto has.
 */
export class AesCcm {
  #cbc;
  #ctr;
  #tagLength;

  /** @param {CryptoKey} cbc @param {CryptoKey} ctr @param {number} tagLength */
  constructor(cbc, ctr, tagLength) {
    this.#cbc = cbc;
    this.#ctr = ctr;
    this.#tagLength = tagLength;
  }

  /** @param {Bytes} key 16 bytes @param {number} tagLength 8 or 16 @returns {Promise<AesCcm>} */
  static async of(key, tagLength) {
    const [cbc, ctr] = await Promise.all(
      ['AES-CBC', 'AES-CTR'].map((name) => subtle.importKey('raw', key, name, false, ['encrypt'])),
    );
    return new AesCcm(cbc, ctr, tagLength);
  }

  /** The ciphertext with its tag behind. RangeError for more than 65 535 bytes.
   * @param {Bytes} nonce @param {Bytes} text @param {Bytes} aad @returns {Promise<Bytes>} */
  async seal(nonce, text, aad) {
    const mac = await this.#mac(nonce, text, aad);
    const { tag, crypted } = await this.#crypt(nonce, mac, text);
    return concat(crypted, tag);
  }

  /** The text, or an EdhocError without a word about why.
   * @param {Bytes} nonce @param {Bytes} sealed @param {Bytes} aad @returns {Promise<Bytes>} */
  async unseal(nonce, sealed, aad) {
    const end = sealed.length - this.#tagLength;
    if (end < 0 || end > MAX_CCM) throw doesNotDecrypt();
    const { tag, crypted } = await this.#crypt(nonce, sealed.slice(end), sealed.slice(0, end));
    if (!equal(tag, await this.#mac(nonce, crypted, aad))) throw doesNotDecrypt();
    return crypted;
  }

  /** CBC-MAC (RFC 3610 section 2.2): the last block but the padding that WebCrypto adds. */
  async #mac(/** @type {Bytes} */ nonce, /** @type {Bytes} */ text, /** @type {Bytes} */ aad) {
    if (text.length > MAX_CCM || aad.length >= 0xff00) throw new RangeError('too long for AES-CCM');
    const flags = (aad.length ? 0x40 : 0) | (((this.#tagLength - 2) / 2) << 3) | 1;
    const blocks = concat(
      [flags],
      nonce,
      uint16(text.length),
      aad.length ? padded(concat(uint16(aad.length), aad)) : EMPTY,
      padded(text),
    );
    const algorithm = { name: 'AES-CBC', iv: new Uint8Array(BLOCK) };
    const out = new Uint8Array(await subtle.encrypt(algorithm, this.#cbc, blocks));
    return out.slice(blocks.length - BLOCK).slice(0, this.#tagLength);
  }

  /** Block 0 of the keystream is for the tag, the others are for the text (section 2.3). */
  async #crypt(/** @type {Bytes} */ nonce, /** @type {Bytes} */ tag, /** @type {Bytes} */ text) {
    const algorithm = { name: 'AES-CTR', counter: concat([1], nonce, [0, 0]), length: 16 };
    const blocks = concat(padded(tag), text);
    const out = new Uint8Array(await subtle.encrypt(algorithm, this.#ctr, blocks));
    return { tag: out.slice(0, this.#tagLength), crypted: out.slice(BLOCK) };
  }
}

const doesNotDecrypt = () => new EdhocError('the ciphertext does not decrypt');

/** @param {number} value */
const uint16 = (value) => [value >> 8, value & 0xff];

/** Filled up with zeros to whole blocks. @param {Bytes} bytes @returns {Bytes} */
const padded = (bytes) => concat(bytes, new Uint8Array(-bytes.length & (BLOCK - 1)));

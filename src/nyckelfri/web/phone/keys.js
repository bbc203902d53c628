/**
 * The phone's own keys: one that proves who it is, one that seals what it keeps.
 *
 * House rules: both are made here and cannot be read by any script, ours included; a copy of the
 * rows without them gives nothing. A sealed value is bound to its label, so that rows cannot be
 * exchanged.
 *
 * Source: Web Cryptography API; RFC 5116 (AES-GCM).
 */

import { concat, utf8 } from '../base/bytes.js';
import { StoreError } from './store.js';

/** @import { Bytes } from '../base/bytes.js' */

/** The phone's key for doors: x-coordinate (32 bytes) and the private key, non-extractable.
 * @typedef {{privateKey: CryptoKey, x: Bytes}} PhoneKey */

const NONCE = 12;
const { subtle } = globalThis.crypto;

/** Something sealed does not open: it was changed, or is of another key. */
export class DamagedError extends StoreError {
  name = 'DamagedError';
  constructor() {
    super('the phone’s memory is damaged: wipe this phone and enrol it again');
  }
}

/** A new key for doors. @returns {Promise<PhoneKey>} */
export async function makePhoneKey() {
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const pair = await subtle.generateKey(curve, false, ['deriveBits']);
  const point = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  return { privateKey: pair.privateKey, x: point.slice(1, 33) };
}

/** A new key that seals, for good or `extractable` until it is wrapped.
 * @param {boolean} [extractable] @returns {Promise<CryptoKey>} */
export function makeSealKey(extractable = false) {
  const kind = { name: 'AES-GCM', length: 256 };
  return subtle.generateKey(kind, extractable, ['encrypt', 'decrypt']);
}

/** `plain` sealed under `key`: nonce, ciphertext, tag.
 * @param {CryptoKey} key @param {string} label @param {Bytes} plain @returns {Promise<Bytes>} */
export async function seal(key, label, plain) {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE));
  const how = { name: 'AES-GCM', iv, additionalData: utf8(label) };
  return concat(iv, new Uint8Array(await subtle.encrypt(how, key, plain)));
}

/** What was sealed under this key and label; DamagedError.
 * @param {CryptoKey} key @param {string} label @param {Bytes} sealed @returns {Promise<Bytes>} */
export async function open(key, label, sealed) {
  const how = { name: 'AES-GCM', iv: sealed.slice(0, NONCE), additionalData: utf8(label) };
  try {
    return new Uint8Array(await subtle.decrypt(how, key, sealed.slice(NONCE)));
  } catch {
    throw new DamagedError();
  }
}

/** @param {CryptoKey} key @param {string} label @param {unknown} value @returns {Promise<Bytes>} */
export const sealJson = (key, label, value) => seal(key, label, utf8(JSON.stringify(value)));

/** @param {CryptoKey} key @param {string} label @param {Bytes} sealed @returns {Promise<any>} */
export async function openJson(key, label, sealed) {
  return JSON.parse(new TextDecoder().decode(await open(key, label, sealed)));
}

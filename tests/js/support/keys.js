/** Keys of the vectors, as a browser holds its own. */

import { createECDH } from 'node:crypto';

import { fromHex, toBase64url } from '../../../src/nyckelfri/web/base/bytes.js';

const ECDH = { name: 'ECDH', namedCurve: 'P-256' };

/** The key pair of a scalar; its private half cannot be exported.
 * @param {string} scalar in hex @returns {Promise<CryptoKeyPair>} */
export async function keyPair(scalar) {
  const { x, y } = publicPoint(scalar);
  const point = { kty: 'EC', crv: 'P-256', x: toBase64url(x), y: toBase64url(y) };
  const d = toBase64url(fromHex(scalar));
  const { subtle } = globalThis.crypto;
  return {
    privateKey: await subtle.importKey('jwk', { ...point, d }, ECDH, false, ['deriveBits']),
    publicKey: await subtle.importKey('jwk', point, ECDH, true, []),
  };
}

/** @param {string} scalar in hex */
export function publicPoint(scalar) {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(scalar, 'hex');
  const encoded = new Uint8Array(ecdh.getPublicKey());
  return { x: encoded.slice(1, 33), y: encoded.slice(33) };
}

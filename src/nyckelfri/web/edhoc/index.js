/**
 * EDHOC, the lightweight authenticated key exchange of RFC 9528, as Initiator.
 *
 * House rules: bytes in, bytes out; WebCrypto alone; keys are parameters and may be ones that
 * cannot be exported. Method 3 with cipher suites 3 and 2, on P-256. This room knows nothing of
 * doors: whose key may do what is for its callers to say.
 */

export { ccsCredential, credential, kcwt, kid } from './credentials.js';
export { AesCcm, coordinate, digest, generate, hmac, hmacKey, staticKey } from './crypto.js';
export { EdhocError, ErrorCode, StateError, readError } from './errors.js';
export {
  AwaitingMessage2,
  AwaitingMessage4,
  Initiator,
  InitiatorDone,
  Message2Received,
  ReadyForMessage3,
} from './initiator.js';

/**
 * What phone and lock agree on, at the phone's end (docs/protocol.md).
 *
 * House rules: values in, values out. No sockets and no clocks: `now` and keys are parameters;
 * WebCrypto alone is asked for fresh keys. Everything from outside is read strictly, and what does
 * not read is an error, never a default. Nothing here judges whether a door should open.
 */

export * as advert from './advert.js';
export * as bulletins from './bulletin.js';
export { Courier, CourierError, Mark, MotorResult, Taken, Type } from './courier.js';
export { coordinate, generate } from '../edhoc/index.js';
export { ObjectError } from './fields.js';
export * as framing from './framing.js';
export * as grants from './grants.js';
export { Command, Scope } from './grants.js';
export * as keyset from './keyset.js';
export { NotAcceptedError, PhoneOpening } from './opening.js';
export { Reason, healsAtTheDoor } from './reasons.js';
export * as receipts from './receipts.js';
export { SignatureError } from './signed.js';

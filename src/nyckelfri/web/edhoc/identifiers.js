/**
 * Short identifiers: connection identifiers and key ids (RFC 9528 sections 3.3.2 and 3.5.3.2).
 *
 * House rules: an identifier is a byte string with exactly one encoding. One byte that is itself
 * the CBOR encoding of an integer from -24 to 23 stands bare; anything else is a byte string.
 */

import { encode } from '../base/cbor.js';
import { EdhocError } from './errors.js';

/** @import { Bytes } from '../base/bytes.js' */
/** @import { Value } from '../base/cbor.js' */

/** @param {Bytes} value @returns {Bytes} */
export const encodeIdentifier = (value) => (isSmall(value) ? value : encode(value));

/** An identifier from its item and its own bytes; EdhocError.
 * @param {Value} item @param {Bytes} raw @returns {Bytes} */
export function readIdentifier(item, raw) {
  if (isSmall(raw)) return raw;
  if (item instanceof Uint8Array && !isSmall(item)) return item;
  throw new EdhocError('an identifier that is not in its one short form');
}

/** @param {Uint8Array} value */
const isSmall = (value) => value.length === 1 && (value[0] & 0x1f) < 24 && value[0] < 0x40;

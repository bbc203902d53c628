/**
 * External authorization data: items that ride along in the messages (RFC 9528 section 3.8).
 *
 * House rules: the caller says which labels it understands. A critical item nobody understands
 * ends the handshake; other unknown items, and padding, are left out of what the caller sees, but
 * stay part of what the MACs cover.
 */

import { concat } from '../base/bytes.js';
import { decodeSequence, encode } from '../base/cbor.js';
import { EdhocError } from './errors.js';

/** @import { Bytes } from '../base/bytes.js' */
/** One item: label 0 (padding, never critical) to 65 535, and any bytes or none.
 * @typedef {{label: number, value?: Bytes | null, critical?: boolean}} EadItem */

/** A caller never knows it, so it is left out. */
const PADDING = 0;
const MAX_LABEL = 65_535;
const MAX_ITEMS = 16;

/** Items as a CBOR sequence; a critical item carries its label negated. RangeError for a label.
 * @param {EadItem[]} items @returns {Bytes} */
export function encodeEad(items) {
  return concat(
    ...items.map(({ label, value = null, critical = false }) => {
      if (label < PADDING || label > MAX_LABEL || (critical && label === PADDING)) {
        throw new RangeError('an EAD label is 0 to 65535, and padding (0) is never critical');
      }
      const encoded = encode(critical ? -label : label);
      return value === null ? encoded : concat(encoded, encode(value));
    }),
  );
}

/** The items with labels in `known`, in the order they came.
 *
 * EdhocError for a malformed sequence, too many items, or a critical one with another label;
 * CborError for what is no deterministic CBOR.
 * @param {Bytes} data @param {number[]} known @returns {Required<EadItem>[]} */
export function decodeEad(data, known) {
  /** @type {{label: number | bigint, value: Bytes | null}[]} */
  const pairs = [];
  let labelBefore = false;
  for (const item of decodeSequence(data)) {
    if (typeof item === 'number' || typeof item === 'bigint') {
      pairs.push({ label: item, value: null });
      labelBefore = true;
    } else if (item instanceof Uint8Array && labelBefore) {
      pairs[pairs.length - 1].value = item;
      labelBefore = false;
    } else {
      throw new EdhocError('EAD is not a sequence of labels, each with at most one value');
    }
  }
  if (pairs.length > MAX_ITEMS) throw new EdhocError('too many EAD items');
  return pairs.flatMap(({ label, value }) => {
    const critical = label < 0;
    const number = Math.abs(Number(label));
    if (known.includes(number)) return [{ label: number, value, critical }];
    if (critical) throw new EdhocError('a critical EAD item that we do not understand');
    return [];
  });
}

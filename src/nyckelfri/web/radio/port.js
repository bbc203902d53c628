/**
 * What the app needs of a phone's radios: ports, and the errors that come through them.
 *
 * House rules: a browser implements them with Web Bluetooth (`ble.js`) and Web NFC (`nfc.js`); a
 * native shell may put its own in their place. Whatever a radio does, its caller sees only the
 * errors of this page, and never waits without an end or a way to give up.
 */

/** @import { Bytes } from '../base/bytes.js' */

/** A byte stream over one connection. Pieces of any size arrive in order.
 * @typedef {object} Stream
 * @property {number} pieceSize longest piece that may be written, bytes
 * @property {(piece: Bytes) => Promise<void>} write LinkError
 * @property {(onPiece: (piece: Uint8Array) => void, onLost: (why: string) => void) => void} listen
 *   once; what came before is handed over at once
 * @property {() => Promise<void>} close never rejects
 */

/** A lock that somebody has chosen in this page load.
 * @typedef {object} Device
 * @property {string} id of the browser's; says nothing about the door
 */

/** Bluetooth. A payload is the 8 bytes that a lock advertises (docs/protocol.md, 11).
 * @typedef {object} Radio
 * @property {() => Promise<'ready' | 'off' | 'missing'>} state `missing`: this browser has none
 * @property {(payloads: Bytes[], options?: {wide?: boolean, signal?: AbortSignal})
 *   => Promise<Device>} choose needs a tap; lets the person choose among locks that advertise one of
 *   these payloads, `wide` among all locks. ChooserCancelled, RadioError
 * @property {(payloads: Bytes[]) => Device | null} known the device that was chosen by these
 *   very payloads: in the next hour a lock has another address, and its device is of no more use
 * @property {(device: Device, options?: {signal?: AbortSignal}) => Promise<Stream>} connect
 *   LinkError. A device that does not answer, or fails twice, is known no more
 * @property {(device: Device) => void} forget a device that was not the lock it was chosen for
 */

/** NFC labels.
 * @typedef {object} LabelReader
 * @property {() => Promise<'ready' | 'ask' | 'denied' | 'missing'>} state `ask`: the first scan asks
 *   the person
 * @property {(onLabel: (label: {url: string}) => void, onTrouble: (trouble: LabelTrouble) => void)
 *   => Promise<() => void>} scan needs a tap while the state is `ask`; the function ends it.
 *   RadioError
 */

/** Why a label that was held to the phone gave nothing: the phone could not read it, or it holds
 * something else than one address.
 * @typedef {'unreadable' | 'strange'} LabelTrouble */

/** A link is of no more use. */
export class LinkError extends Error {
  name = 'LinkError';
}

/** It is closed: by either side, by a limit, or because the radio is gone. */
export class LinkClosed extends LinkError {
  name = 'LinkClosed';
}

/** Nothing whole arrived in time. */
export class LinkTimeout extends LinkError {
  name = 'LinkTimeout';
}

/** The person chose no lock, or none was there to choose. */
export class ChooserCancelled extends Error {
  name = 'ChooserCancelled';
}

/** The radio cannot be used. `kind` says what to do about it: `missing` another browser or phone,
 * `off` switch it on, `denied` allow it in the phone's settings, `given_up` nothing, `failed` try
 * again. */
export class RadioError extends Error {
  name = 'RadioError';
  /** @param {'missing' | 'off' | 'denied' | 'given_up' | 'failed'} kind @param {string} message */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

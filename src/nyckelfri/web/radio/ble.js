/**
 * The Radio port over Web Bluetooth.
 *
 * House rules: a lock is chosen by what it advertises, never by a name. What the browser's texts
 * say is no interface: an error gets its name from its kind and from what can be asked. A page load
 * is all that a chosen device lasts, so the app never reloads.
 */

import { COMPANY_ID } from '../door/advert.js';
import { SERVICE_UUID, TO_LOCK_UUID, TO_PHONE_UUID } from '../door/framing.js';
import { ChooserCancelled, LinkClosed, LinkError, LinkTimeout, RadioError } from './port.js';
import { within } from './within.js';

/** @import { Device, Radio, Stream } from './port.js' */
/** @typedef {{device: BluetoothDevice, asked: string, busy: boolean, failures: number}} Met */

/** Milliseconds. A link is set up in one at most where the lock is near. */
export const CONNECT_TIME = 5000;
/** For finding our service and subscribing, all together: a lock cuts who takes longer. */
export const PREPARE_TIME = 5000;
export const WRITE_TIME = 5000;
/** A page cannot ask for the MTU, and a browser cuts what is longer. Every controller that has
 * longer packets at all (Bluetooth 4.2) carries an MTU of 247, and message 3 is one piece of it. */
export const PIECE_SIZE = 244;

/** The radio of this browser.
 * @param {{bluetooth?: Bluetooth, activation?: UserActivation}} [browser] `activation` tells whether
 *   the last tap is fresh enough for a chooser
 * @returns {Radio} */
export function webBluetooth({
  bluetooth = globalThis.navigator?.bluetooth,
  activation = globalThis.navigator?.userActivation,
} = {}) {
  /** @type {Map<string, Met>} by the browser's id */
  const met = new Map();

  /** @returns {Promise<'ready' | 'off' | 'missing'>} */
  async function state() {
    if (!bluetooth) return 'missing';
    const gaveUp = () => new RadioError('failed', 'Bluetooth does not answer');
    const there = await within(bluetooth.getAvailability(), CONNECT_TIME, undefined, gaveUp);
    return there ? 'ready' : 'off';
  }

  return {
    state,

    async choose(payloads, { wide = false, signal } = {}) {
      if (!bluetooth) throw new RadioError('missing', 'this browser has no Web Bluetooth');
      // A tap that waited for the one before may be too old: the browser would say "not allowed".
      if (activation?.isActive === false) throw new ChooserCancelled('the tap is too old');
      const manufacturerData = wide
        ? [{ companyIdentifier: COMPANY_ID }]
        : payloads.map((dataPrefix) => ({ companyIdentifier: COMPANY_ID, dataPrefix }));
      const asking = bluetooth.requestDevice({
        filters: manufacturerData.map((one) => ({ manufacturerData: [one] })),
        optionalServices: [SERVICE_UUID],
      });
      const gaveUp = () => new RadioError('given_up', 'nobody waits for the choice any more');
      /** @type {BluetoothDevice} */
      let device;
      try {
        device = await within(asking, null, signal, gaveUp);
      } catch (error) {
        throw await notChosen(error, state);
      }
      met.set(device.id, { device, asked: keyOf(payloads), busy: false, failures: 0 });
      return { id: device.id };
    },

    known(payloads) {
      const asked = keyOf(payloads);
      const found = [...met.values()].findLast((each) => each.asked === asked);
      return found ? { id: found.device.id } : null;
    },

    async connect({ id }, { signal } = {}) {
      const chosen = met.get(id);
      if (!chosen) throw new LinkClosed('this lock must be chosen anew');
      if (chosen.busy) throw new LinkClosed('this lock is being talked to already');
      chosen.busy = true;
      try {
        const stream = await open(chosen.device, signal, () => (chosen.busy = false));
        chosen.failures = 0;
        return stream;
      } catch (error) {
        // One that fails at once may be lucky the next time; one that is silent has gone.
        if (!signal?.aborted) chosen.failures += 1;
        if (error instanceof LinkTimeout || chosen.failures > 1) met.delete(id);
        throw error;
      }
    },

    forget: ({ id }) => void met.delete(id),
  };
}

/** Connect, find our two characteristics, subscribe. LinkError, and nothing is left connected.
 * @param {BluetoothDevice} device @param {AbortSignal | undefined} signal
 * @param {() => void} onEnd @returns {Promise<Stream>} */
async function open(device, signal, onEnd) {
  const gatt = device.gatt;
  if (!gatt) throw new LinkClosed('this device cannot be connected to');
  const mouth = pieces();
  const lost = () => finish('disconnected');
  device.addEventListener('gattserverdisconnected', lost);
  /** @param {string} why */
  function finish(why) {
    device.removeEventListener('gattserverdisconnected', lost);
    mouth.end(why);
    onEnd();
  }
  try {
    await step('connect', gatt.connect(), CONNECT_TIME, signal);
    const toLock = await step('subscribe', subscribe(gatt, mouth.take), PREPARE_TIME, signal);
    return {
      pieceSize: PIECE_SIZE,
      listen: mouth.listen,
      write: (piece) => step('write', toLock.writeValueWithoutResponse(piece), WRITE_TIME),
      async close() {
        gatt.disconnect();
        finish('closed by this side');
      },
    };
  } catch (error) {
    gatt.disconnect();
    finish('not connected');
    throw error;
  }
}

/** The characteristic to write to, when what the lock sends goes to `take`.
 * @param {BluetoothRemoteGATTServer} gatt @param {(value: DataView | undefined) => void} take */
async function subscribe(gatt, take) {
  const service = await gatt.getPrimaryService(SERVICE_UUID);
  const toLock = await service.getCharacteristic(TO_LOCK_UUID);
  const toPhone = await service.getCharacteristic(TO_PHONE_UUID);
  toPhone.addEventListener('characteristicvaluechanged', () => take(toPhone.value));
  await toPhone.startNotifications();
  return toLock;
}

/** One call of the browser; each of its failures is a LinkError that says which.
 * @template T @param {string} what @param {Promise<T>} call @param {number} milliseconds
 * @param {AbortSignal} [signal] @returns {Promise<T>} */
async function step(what, call, milliseconds, signal) {
  try {
    return await within(call, milliseconds, signal, (why) =>
      why === 'no answer' ? new LinkTimeout(`${what}: ${why}`) : new LinkClosed(`${what}: ${why}`),
    );
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkClosed(`${what}: ${error instanceof Error ? error.name : 'failed'}`);
  }
}

/** Keeps what comes before somebody listens, and tells the end once. */
function pieces() {
  /** @type {Uint8Array[]} */
  const early = [];
  /** @type {string | null} */
  let ended = null;
  /** @type {((piece: Uint8Array) => void) | null} */
  let onPiece = null;
  /** @type {((why: string) => void) | null} */
  let onLost = null;
  return {
    /** @param {DataView | undefined} value */
    take(value) {
      if (ended !== null || !value) return;
      const piece = new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice();
      if (onPiece) onPiece(piece);
      else early.push(piece);
    },
    /** @param {string} why */
    end(why) {
      if (ended !== null) return;
      ended = why;
      onLost?.(why);
    },
    /** @type {Stream['listen']} */
    listen(toPiece, toLost) {
      [onPiece, onLost] = [toPiece, toLost];
      for (const piece of early.splice(0)) toPiece(piece);
      if (ended !== null) toLost(ended);
    },
  };
}

/** What it means that no device came out of the chooser.
 * @param {unknown} error @param {Radio['state']} state @returns {Promise<Error>} */
async function notChosen(error, state) {
  if (error instanceof RadioError) return error;
  const name = error instanceof Error ? error.name : '';
  if (name === 'SecurityError' || name === 'NotAllowedError') {
    return new RadioError('denied', 'the browser does not allow Bluetooth here');
  }
  if (name !== 'NotFoundError') return new RadioError('failed', `Bluetooth failed: ${name}`);
  // No adapter, a permission refused in the chooser and a chooser closed all have this name.
  if ((await state()) === 'off') return new RadioError('off', 'Bluetooth is switched off');
  return new ChooserCancelled('no lock was chosen');
}

/** Payloads as a set that can be compared. @param {Uint8Array[]} payloads */
const keyOf = (payloads) =>
  payloads
    .map((each) => each.join())
    .sort()
    .join(' ');

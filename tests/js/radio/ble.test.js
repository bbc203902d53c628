/** What browsers answer, and when they do not: the rest is shown in a real one (tests/web). */

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import { CONNECT_TIME, webBluetooth } from '../../../src/nyckelfri/web/radio/ble.js';
import {
  ChooserCancelled,
  LinkClosed,
  LinkTimeout,
} from '../../../src/nyckelfri/web/radio/port.js';

const PAYLOADS = [Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)];
/** @type {() => Promise<any>} */
const silent = () => new Promise(() => {});
/** @param {string} name @returns {() => Promise<any>} */
const fails = (name) => async () => {
  throw new DOMException('played', name);
};

/** A browser with one device. @param {{connect?: () => Promise<any>, there?: boolean,
 *   requestDevice?: () => Promise<any>}} [played] */
function browser({ connect = silent, there = true, requestDevice } = {}) {
  const hung = { up: 0 };
  const gatt = { connect, disconnect: () => (hung.up += 1) };
  const device = Object.assign(new EventTarget(), { id: 'device', gatt });
  const bluetooth = /** @type {any} */ ({
    getAvailability: async () => there,
    requestDevice: requestDevice ?? (async () => device),
  });
  return { radio: webBluetooth({ bluetooth }), hung };
}

for (const [name, there, kind] of /** @type {[string, boolean, string][]} */ ([
  ['SecurityError', true, 'denied'],
  ['NotAllowedError', true, 'denied'],
  ['NotFoundError', false, 'off'],
  ['UnknownError', true, 'failed'],
])) {
  test(`a chooser that ends with ${name} means ${kind}`, async () => {
    const { radio } = browser({ requestDevice: fails(name), there });
    await assert.rejects(radio.choose(PAYLOADS), { name: 'RadioError', kind });
  });
}

test('a chooser that is closed is no fault', async () => {
  const { radio } = browser({ requestDevice: fails('NotFoundError') });
  await assert.rejects(radio.choose(PAYLOADS), ChooserCancelled);
});

test('a tap that waited too long for a chooser is no fault and no refusal', async () => {
  const bluetooth = /** @type {any} */ ({ requestDevice: fails('SecurityError') });
  const activation = { isActive: false, hasBeenActive: true };
  const radio = webBluetooth({ bluetooth, activation });
  await assert.rejects(radio.choose(PAYLOADS), ChooserCancelled);
});

test('a browser without Bluetooth says so', async () => {
  const radio = webBluetooth();
  assert.equal(await radio.state(), 'missing');
  await assert.rejects(radio.choose(PAYLOADS), { name: 'RadioError', kind: 'missing' });
  assert.equal(radio.known(PAYLOADS), null);
});

test('a device is known by the very payloads it was chosen by', async () => {
  const { radio } = browser();
  const device = await radio.choose(PAYLOADS);
  assert.deepEqual(radio.known(PAYLOADS), device);
  assert.equal(radio.known([...PAYLOADS, Uint8Array.of(9)]), null);
  radio.forget(device);
  assert.equal(radio.known(PAYLOADS), null);
  await assert.rejects(radio.connect(device), LinkClosed);
});

test('a device that does not answer is given up in time, and forgotten', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { radio, hung } = browser();
    const device = await radio.choose(PAYLOADS);
    const connecting = assert.rejects(radio.connect(device), LinkTimeout);
    mock.timers.tick(CONNECT_TIME);
    await connecting;
    assert.equal(hung.up, 1);
    assert.equal(radio.known(PAYLOADS), null);
  } finally {
    mock.timers.reset();
  }
});

test('a device that fails at once may be tried once more', async () => {
  const { radio, hung } = browser({ connect: fails('NetworkError') });
  const device = await radio.choose(PAYLOADS);
  await assert.rejects(radio.connect(device), /connect: NetworkError/);
  assert.deepEqual(radio.known(PAYLOADS), device);
  await assert.rejects(radio.connect(device), LinkClosed);
  assert.equal(radio.known(PAYLOADS), null);
  assert.equal(hung.up, 2);
});

test('one device carries one link', async () => {
  const { radio } = browser();
  const device = await radio.choose(PAYLOADS);
  const giving = new AbortController();
  const first = assert.rejects(radio.connect(device, { signal: giving.signal }), /given up/);
  await assert.rejects(radio.connect(device), /already/);
  giving.abort();
  await first;
  assert.deepEqual(radio.known(PAYLOADS), device);
});

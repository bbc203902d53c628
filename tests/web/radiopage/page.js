/**
 * The app's radio and door rooms in the hands of a test, one function a step.
 *
 * House rule: nothing is decided here; what comes, or which error, is handed to the test.
 */

import { fromHex, toHex } from './web/base/bytes.js';
import { PhoneOpening, advert, framing } from './web/door/index.js';
import { webBluetooth } from './web/radio/ble.js';
import { FramedLink } from './web/radio/link.js';
import { webNfc } from './web/radio/nfc.js';

const radio = webBluetooth();
const labels = webNfc();
const devices = {};
const links = {};
const streams = {};
const seen = [];
let bare = null;
let giving = new AbortController();
let stopScan = () => {};

const P256 = { name: 'ECDH', namedCurve: 'P-256' };

async function exchange(link, message, milliseconds) {
  await link.send(message);
  return link.receive(milliseconds, 65_535);
}

/** Milliseconds of the machine's clock. */
const now = () => performance.timeOrigin + performance.now();

async function open(name, door, command, milliseconds = 8000) {
  const link = links[name];
  const key = {
    privateKey: await crypto.subtle.importKey('jwk', door.key, P256, false, ['deriveBits']),
    x: fromHex(door.phone),
  };
  const record = {
    installation: fromHex(door.installation),
    lockKey: fromHex(door.lockKey),
    radioKey: fromHex(door.radioKey),
  };
  const { message1, awaitingLock } = await new PhoneOpening(
    record,
    key,
    fromHex(door.grant),
  ).message1();
  const message2 = await exchange(link, message1, milliseconds);
  const proven = await awaitingLock.message2(message2);
  const { message3, awaitingDecision } = await proven.message3(command);
  const message4 = await exchange(link, message3, milliseconds);
  const { decision, courier } = await awaitingDecision.message4(message4);
  const answered = now();
  const records = [];
  while (records.at(-1)?.type !== 'outcome' && decision.reason === 0) {
    records.push(await courier.open(await link.receive(milliseconds, 65_535)));
  }
  await link.send(await courier.seal({ type: 'end' }));
  return {
    reason: decision.reason,
    result: records.at(-1)?.result,
    answered,
    sizes: [message1, message2, message3, message4].map((each) => each.length),
  };
}

const steps = {
  state: () => radio.state(),
  payloads: async (radioKey, now) =>
    (await advert.payloads(fromHex(radioKey), now)).map((each) => toHex(each)),
  async choose(name, payloads, options = {}) {
    giving = new AbortController();
    const { signal } = giving;
    devices[name] = await radio.choose(payloads.map(fromHex), { signal, ...options });
  },
  known(name, payloads) {
    const device = radio.known(payloads.map(fromHex));
    if (device) devices[name] = device;
    return device !== null;
  },
  async connect(name) {
    giving = new AbortController();
    streams[name] = await radio.connect(devices[name], { signal: giving.signal });
    links[name] = new FramedLink(streams[name]);
  },
  /** The browser's own calls for round trips of these sizes, and nothing of ours. */
  async bare(payload, trips) {
    bare ??= await navigator.bluetooth.requestDevice({
      filters: [
        { manufacturerData: [{ companyIdentifier: 0xffff, dataPrefix: fromHex(payload) }] },
      ],
      optionalServices: [framing.SERVICE_UUID],
    });
    const messages = trips.map(([sent, answer]) => {
      const message = new Uint8Array(sent);
      message.set([answer >> 8, answer & 0xff, 0, 1]);
      return message;
    });
    const tapped = now();
    const gatt = await bare.gatt.connect();
    const service = await gatt.getPrimaryService(framing.SERVICE_UUID);
    const toLock = await service.getCharacteristic(framing.TO_LOCK_UUID);
    const toPhone = await service.getCharacteristic(framing.TO_PHONE_UUID);
    await toPhone.startNotifications();
    const connected = now();
    for (const message of messages) {
      const answer = new Promise((resolve) =>
        toPhone.addEventListener('characteristicvaluechanged', resolve, { once: true }),
      );
      await toLock.writeValueWithoutResponse(message);
      await answer;
    }
    const answered = now();
    gatt.disconnect();
    return { tapped, connected, answered };
  },
  giveUp: () => giving.abort(),
  ask: async (name, hex, milliseconds = 8000) =>
    toHex(await exchange(links[name], fromHex(hex), milliseconds)),
  receive: async (name, milliseconds) => toHex(await links[name].receive(milliseconds, 65_535)),
  closed: (name) => links[name].closed,
  close: (name) => links[name].close(),
  async enter(name, door, command, milliseconds) {
    const tapped = now();
    await steps.connect(name);
    const connected = now();
    return { tapped, connected, ...(await open(name, door, command, milliseconds)) };
  },
  async visit(name, door, command) {
    const done = await steps.enter(name, door, command);
    await links[name].close();
    return done;
  },
  labelState: () => labels.state(),
  async scan() {
    stopScan = await labels.scan(
      (label) => seen.push(label.url),
      (trouble) => seen.push(trouble),
    );
  },
  stopScan: () => stopScan(),
  seen: () => seen,
};

/** A step's result, or the name, kind and text of its error. */
self.step = async (name, args) => {
  try {
    return { gave: await steps[name](...args) };
  } catch (error) {
    return { error: error.name, kind: error.kind ?? null, why: error.message };
  }
};

/**
 * What a page gets added when its Bluetooth is Chromium's emulated one (webradio.py).
 *
 * House rule: only what the emulation lacks, so that the page's own code is the one that runs. It
 * has no notifications: one read is kept pending, and what answers it is a changed value. It tells
 * nobody which page connects, nor that one hangs up: the bridge is told, and waited for.
 */
(() => {
  const { BluetoothRemoteGATTCharacteristic: Characteristic, BluetoothRemoteGATTServer: Server } =
    self;
  if (!Characteristic || self.nyckelfriHeard) return;
  const { startNotifications } = Characteristic.prototype;
  const { connect, disconnect } = Server.prototype;
  const waiting = [];
  const givenUp = new WeakSet();
  let parted = Promise.resolve();

  /** Tell the bridge, in order; resolves when it has done its part. */
  const tell = (what, { device }) =>
    new Promise((resolve) => {
      const number = waiting.push(resolve) - 1;
      self.nyckelfriTells(JSON.stringify({ number, what, device: device.id }));
    });
  self.nyckelfriHeard = (number) => waiting[number]();

  Characteristic.prototype.startNotifications = async function () {
    await startNotifications.call(this);
    (async () => {
      for (;;) await this.readValue();
    })().catch(() => {});
    return this;
  };
  Server.prototype.connect = async function () {
    givenUp.delete(this);
    await parted;
    await tell('connects', this);
    if (givenUp.has(this)) {
      await tell('stays', this);
      throw new DOMException('disconnected meanwhile', 'AbortError');
    }
    return connect.call(this);
  };
  Server.prototype.disconnect = function () {
    givenUp.add(this);
    disconnect.call(this);
    parted = Promise.all([parted, tell('parts', this)]);
  };
})();

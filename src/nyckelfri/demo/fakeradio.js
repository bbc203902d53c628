/**
 * What a page gets added when its Bluetooth is Chromium's emulated one (webradio.py).
 *
 * House rule: only what the emulation lacks, so that the page's own code is the one that runs. It
 * has no notifications: one read is kept pending, and what answers it is a changed value. It does
 * not notice that a page hangs up: that is told.
 */
(() => {
  const { BluetoothRemoteGATTCharacteristic: Characteristic, BluetoothRemoteGATTServer: Server } =
    self;
  if (!Characteristic || self.nyckelfriParted) return;
  const { startNotifications } = Characteristic.prototype;
  const { connect, disconnect } = Server.prototype;
  /** Device name to how its last parting is waited for. */
  const partings = new Map();

  Characteristic.prototype.startNotifications = async function () {
    await startNotifications.call(this);
    (async () => {
      for (;;) await this.readValue();
    })().catch(() => {});
    return this;
  };
  Server.prototype.disconnect = function () {
    const { name } = this.device;
    if (!partings.has(name)) {
      let done;
      const over = new Promise((resolve) => (done = resolve));
      partings.set(name, { over, done });
      self.nyckelfriParts(name);
    }
    disconnect.call(this);
  };
  Server.prototype.connect = async function () {
    await partings.get(this.device.name)?.over;
    return connect.call(this);
  };
  self.nyckelfriParted = (name) => {
    partings.get(name)?.done();
    partings.delete(name);
  };
})();

/**
 * A label held to the phone: Chromium's own NDEFReader and events, only scan() is another.
 *
 * A desktop has the classes of Web NFC but no reader; its own scan() never works.
 */
(() => {
  const scanning = new Set();
  NDEFReader.prototype.scan = async function ({ signal } = {}) {
    if (self.nfcFails) throw new DOMException('played', self.nfcFails);
    scanning.add(this);
    signal?.addEventListener('abort', () => scanning.delete(this));
  };
  /** How many readers have read it. */
  self.holdLabel = (records) => {
    const said = { serialNumber: '04:de:5f:1e:ac:c0:40', message: { records } };
    for (const each of scanning) each.dispatchEvent(new NDEFReadingEvent('reading', said));
    return scanning.size;
  };
  self.holdNoise = () => {
    for (const each of scanning) each.dispatchEvent(new Event('readingerror'));
  };
})();

/**
 * The LabelReader port over Web NFC.
 *
 * House rules: a label of ours holds one address and nothing else; what is read is handed on as
 * text, and judged by whoever knows labels. Nothing is ever written to a label.
 */

import { RadioError } from './port.js';
import { within } from './within.js';

/** @import { LabelReader } from './port.js' */

/** Longest address that is read, characters. */
export const MAX_URL = 300;
/** Milliseconds for what the browser answers without a person. */
const ANSWER_TIME = 5000;

/** The label reader of this browser.
 * @param {{Reader?: typeof NDEFReader, permissions?: Permissions}} [browser]
 * @returns {LabelReader} */
export function webNfc({
  Reader = 'NDEFReader' in globalThis ? NDEFReader : undefined,
  permissions = globalThis.navigator?.permissions,
} = {}) {
  return {
    async state() {
      if (!Reader) return 'missing';
      const name = /** @type {PermissionName} */ ('nfc');
      try {
        const asked = permissions.query({ name });
        const { state } = await within(asked, ANSWER_TIME, undefined, (why) => new Error(why));
        return state === 'granted' ? 'ready' : state === 'denied' ? 'denied' : 'ask';
      } catch {
        return 'ask'; // scanning will tell
      }
    },

    async scan(onLabel, onTrouble) {
      if (!Reader) throw new RadioError('missing', 'this browser has no Web NFC');
      const ending = new AbortController();
      const { signal } = ending;
      const reader = new Reader();
      reader.addEventListener(
        'reading',
        (event) => {
          const url = urlOf(/** @type {NDEFReadingEvent} */ (event).message);
          if (url === null) onTrouble('strange');
          else onLabel({ url });
        },
        { signal },
      );
      reader.addEventListener('readingerror', () => onTrouble('unreadable'), { signal });
      try {
        // No limit of time: the first one waits for what the person answers.
        await reader.scan({ signal });
      } catch (error) {
        ending.abort();
        throw new RadioError(...notScanning(error instanceof Error ? error.name : ''));
      }
      return () => ending.abort();
    },
  };
}

/** The address of a message that holds one, and null of every other.
 * @param {NDEFMessage} message @returns {string | null} */
function urlOf({ records }) {
  const [record] = records;
  if (records.length !== 1 || record.recordType !== 'url' || !record.data) return null;
  if (record.data.byteLength > MAX_URL) return null;
  try {
    const { href } = new URL(new TextDecoder('utf-8', { fatal: true }).decode(record.data));
    return href;
  } catch {
    return null;
  }
}

/** @param {string} name of the browser's error
 * @returns {['denied' | 'missing' | 'off' | 'failed', string]} */
function notScanning(name) {
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return ['denied', 'the browser does not allow NFC here'];
    case 'NotSupportedError':
      return ['missing', 'this phone has no NFC'];
    case 'NotReadableError':
      return ['off', 'NFC is switched off'];
    default:
      return ['failed', `NFC failed: ${name}`];
  }
}

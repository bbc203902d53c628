/**
 * Texts, times and what to say of an error.
 *
 * House rules: an error's own text is for us and never shown; of one we do not know we say only
 * that something went wrong, and that what was stored is still there.
 */
import { en } from '../texts/en.js';
import { REASONS } from '../texts/reasons.js';
import { sv } from '../texts/sv.js';

/** @typedef {keyof typeof sv} Key */
/** @typedef {'sv' | 'en'} Language */

const ZONE = 'Europe/Stockholm';
const TEXTS = { sv, en };

/** @param {Language} language */
export function wordsIn(language) {
  // Made when it is first used: the pad needs none, and the first one is slow.
  const format = (/** @type {Intl.DateTimeFormatOptions} */ options) => {
    /** @type {Intl.DateTimeFormat | null} */
    let made = null;
    return (/** @type {number} */ at) => {
      made ??= new Intl.DateTimeFormat(language === 'sv' ? 'sv-SE' : 'en-GB', {
        timeZone: ZONE,
        ...options,
      });
      return made.format(at * 1000);
    };
  };
  const day = format({ weekday: 'long', day: 'numeric', month: 'long' });
  return {
    /**
     * @param {Key} key
     * @param {Record<string, string | number>} [values]
     */
    t: (key, values = {}) =>
      TEXTS[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? '')),
    /** Why a lock refused, and what to do. @param {number} reason */
    reason: (reason) => (REASONS[reason] ?? REASONS[255])[language],
    /** Hours and minutes. @param {number} at Unix seconds */
    clock: format({ hour: '2-digit', minute: '2-digit' }),
    /** @param {number} at Unix seconds */
    longDay: (at) => capital(day(at)),
    /** @param {number} at Unix seconds */
    dayAndClock: format({ weekday: 'short', hour: '2-digit', minute: '2-digit' }),
  };
}

/** @param {string} text */
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** @type {Record<string, Key>} Texts of errors, by name. */
const BY_NAME = {
  OfflineError: 'server_down',
  TooOftenError: 'too_often',
  StoreFullError: 'storage_full',
  AnswerError: 'server_refuses',
  LockedError: 'signin_again',
  SignInError: 'signin_again',
  UnknownPhoneError: 'unknown_phone',
  UnknownSessionError: 'signin_again',
  WrongPasswordError: 'wrong_credentials',
  NotPermittedError: 'not_permitted',
};
/** @type {Record<string, Key>} Texts of the server's refusals, by code. */
const BY_CODE = {
  wrong_credentials: 'wrong_credentials',
  code_refused: 'code_refused',
  not_permitted: 'not_permitted',
  too_often: 'too_often',
  malformed: 'server_refuses',
  invalid: 'server_refuses',
  too_large: 'server_refuses',
};

/**
 * The text for an error that a person can do something about; null for any other.
 * @param {unknown} error
 * @returns {Key | null}
 */
export function keyFor(error) {
  if (!(error instanceof Error)) return null;
  const { code } = /** @type {{code?: unknown}} */ (/** @type {unknown} */ (error));
  const byCode = typeof code === 'string' ? BY_CODE[code] : undefined;
  return byCode ?? BY_NAME[error.name] ?? null;
}

/**
 * Talking to the server: JSON, with limits on size and time (phone API, version 1).
 *
 * House rules: no cookie and no cache, no redirect is followed, because a request carries the
 * device token. A request that fails has changed nothing on the phone. No error says what was sent.
 */

export const PREFIX = '/api/phone/v1/';
export const MAX_ANSWER = 8 * 1024 * 1024;
/** Milliseconds for a whole request, unless the caller is in a hurry. */
export const TIMEOUT = 20_000;
const MAX_MESSAGE = 300;

/** The server could not be asked; the text says what to do. */
export class ServerError extends Error {
  name = 'ServerError';
}

/** No answer in time: no coverage, or the server is away or has a problem. Try again later. */
export class OfflineError extends ServerError {
  name = 'OfflineError';
  /** @param {string} text @param {number} [status] of an answer that was one, 0 without */
  constructor(text, status = 0) {
    super(text);
    this.status = status;
  }
}

/** The server's answer does not read. */
export class AnswerError extends ServerError {
  name = 'AnswerError';
  constructor(text = 'the server’s answer does not read: update the app or call support') {
    super(text);
  }
}

/** The server said no, with a code of its closed list and a text that says what to do. */
export class RefusedError extends ServerError {
  name = 'RefusedError';
  /** @param {number} status @param {string} code @param {string} message */
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** This phone is blocked: its key and everything it holds must go at once. */
export class BlockedError extends RefusedError {
  name = 'BlockedError';
}

/** The server does not know this phone's token: it has to be enrolled anew. */
export class UnknownPhoneError extends RefusedError {
  name = 'UnknownPhoneError';
}

/** The session has ended: sign in again. */
export class UnknownSessionError extends RefusedError {
  name = 'UnknownSessionError';
}

/** Too many tries: wait `retryAfter` seconds. */
export class TooOftenError extends RefusedError {
  name = 'TooOftenError';
  retryAfter = 60;
}

/** @type {Record<string, typeof RefusedError>} */
const BY_CODE = {
  phone_blocked: BlockedError,
  unknown_phone: UnknownPhoneError,
  unknown_session: UnknownSessionError,
  too_often: TooOftenError,
};

/** The phone's calls. `token` is the device's, `session` that of who is signed in. */
export class Client {
  #where;

  /** A client of the server at `base` (this page's own, unless told).
   * @param {{base?: string, fetch?: typeof globalThis.fetch, token?: string | null,
   *   session?: string | null}} [where] */
  constructor(where = {}) {
    this.#where = where;
  }

  /** The same server, called as somebody else.
   * @param {{token?: string | null, session?: string | null}} who */
  as(who) {
    return new Client({ ...this.#where, ...who });
  }

  /** The answer to one call; `timeout` in milliseconds. Raises a ServerError.
   * @param {string} name @param {object} body
   * @param {{timeout?: number, signal?: AbortSignal}} [how]
   * @returns {Promise<Record<string, unknown>>} */
  async call(name, body, { timeout = TIMEOUT, signal } = {}) {
    const { base = '', fetch = globalThis.fetch } = this.#where;
    const ends = AbortSignal.timeout(timeout);
    let response, data;
    try {
      response = await fetch(`${base}${PREFIX}${name}`, {
        method: 'POST',
        headers: this.#headers(),
        body: JSON.stringify(body),
        signal: signal ? AbortSignal.any([ends, signal]) : ends,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
        referrerPolicy: 'no-referrer',
      });
      data = await read(response);
    } catch (error) {
      if (error instanceof ServerError) throw error;
      throw new OfflineError('the server does not answer: try again where there is coverage');
    }
    return judge(response, data);
  }

  #headers() {
    const { token = null, session = null } = this.#where;
    return {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      ...(token !== null && { Authorization: `Bearer ${token}` }),
      ...(session !== null && { 'Nyckelfri-Session': session }),
    };
  }
}

/** The whole body, of at most `MAX_ANSWER` bytes. @param {Response} response */
async function read(response) {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let [text, size] = ['', 0];
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > MAX_ANSWER) {
      reader.cancel().catch(() => {});
      throw new AnswerError('the server’s answer is too long: report this to support');
    }
    text += decoder.decode(value, { stream: true });
  }
  return text + decoder.decode();
}

/** @param {Response} response @param {string} data @returns {Record<string, unknown>} */
function judge({ status, headers }, data) {
  const answer = parsed(data);
  if (status >= 500) {
    throw new OfflineError(`the server has a problem (status ${status}): try again later`, status);
  }
  if (answer === null) {
    throw new AnswerError(`this is no Nyckelfri server (status ${status}): check the address`);
  }
  if (status === 200) return answer;
  const code = String(answer.code ?? 'unknown');
  const message = String(answer.message ?? 'refused').slice(0, MAX_MESSAGE);
  const blocked = code === 'phone_blocked' && status !== 403;
  const Kind = (Object.hasOwn(BY_CODE, code) && !blocked && BY_CODE[code]) || RefusedError;
  const error = new Kind(status, code, message);
  if (error instanceof TooOftenError) {
    error.retryAfter = Number(headers.get('Retry-After')) || error.retryAfter;
  }
  throw error;
}

/** @param {string} data @returns {Record<string, unknown> | null} */
function parsed(data) {
  try {
    const value = JSON.parse(data);
    return typeof value === 'object' && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

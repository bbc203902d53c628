/** The client against a server of Node's own: limits, time, codes, and what no error may say. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import {
  AnswerError,
  BlockedError,
  Client,
  MAX_ANSWER,
  OfflineError,
  RefusedError,
  ServerError,
  TooOftenError,
  UnknownPhoneError,
  UnknownSessionError,
} from '../../../src/nyckelfri/web/phone/client.js';

/** @import { AddressInfo } from 'node:net' */
/** @import { RequestListener } from 'node:http' */

const SECRETS = { username: 'anna.ek', password: 'höstlöv och kanel' };

/** @type {RequestListener} */
let answer = (_, response) => void response.end('{}');
const server = createServer((request, response) => answer(request, response));
let client = new Client();

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {AddressInfo} */ (server.address());
  client = new Client({ base: `http://127.0.0.1:${port}`, token: 'device', session: 'person' });
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** @param {number} status @param {unknown} body @param {Record<string, string>} [headers] */
const always = (status, body, headers = {}) => {
  answer = (_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};

/** @param {{timeout?: number, signal?: AbortSignal}} [how] @returns {Promise<any>} */
async function failure(how) {
  const error = await client.call('sign-in', SECRETS, how).then(
    () => assert.fail('it went well'),
    (each) => each,
  );
  assert.ok(error instanceof ServerError, error);
  for (const secret of [...Object.values(SECRETS), 'device', 'person']) {
    assert.ok(!`${error}${error.stack}${JSON.stringify(error)}`.includes(secret));
  }
  return error;
}

test('a call is a POST of JSON in the name of phone and person', async () => {
  /** @type {any} */
  let came;
  answer = (request, response) => {
    came = { ...request.headers, method: request.method, url: request.url };
    response.end('{"good": true}');
  };
  assert.deepEqual(await client.call('sync', {}), { good: true });
  assert.equal(`${came.method} ${came.url}`, 'POST /api/phone/v1/sync');
  assert.equal(came.authorization, 'Bearer device');
  assert.equal(came['nyckelfri-session'], 'person');
  assert.equal(came.cookie, undefined);
  await client.as({ session: null }).call('sync', {});
  assert.equal(came['nyckelfri-session'], undefined);
  assert.equal(came.authorization, 'Bearer device');
});

test('each code of the contract is an error of its own', async () => {
  for (const [status, code, kind] of /** @type {const} */ ([
    [403, 'phone_blocked', BlockedError],
    [401, 'unknown_phone', UnknownPhoneError],
    [401, 'unknown_session', UnknownSessionError],
    [401, 'wrong_credentials', RefusedError],
    [422, 'invalid', RefusedError],
    [403, 'constructor', RefusedError],
  ])) {
    always(status, { code, message: 'x'.repeat(5000) });
    const error = await failure();
    assert.equal(error.constructor, kind);
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.ok(error.message.length <= 300);
  }
});

test('only the status of the contract blocks: destroying everything needs both', async () => {
  always(404, { code: 'phone_blocked', message: 'x' });
  assert.equal((await failure()).constructor, RefusedError);
});

test('too often says how long to wait', async () => {
  always(429, { code: 'too_often', message: 'wait' }, { 'Retry-After': '900' });
  const error = await failure();
  assert.ok(error instanceof TooOftenError);
  assert.equal(error.retryAfter, 900);
});

test('a problem of the server is one of being away', async () => {
  for (const status of [500, 502, 503]) {
    always(status, '<html>');
    const error = await failure();
    assert.ok(error instanceof OfflineError);
    assert.equal(error.status, status);
  }
});

test('what is no JSON object is no answer of ours', async () => {
  for (const body of ['', 'null', '[]', '7', '<html>', '{']) {
    always(200, body);
    assert.ok((await failure()) instanceof AnswerError, body);
  }
});

test('an answer that is too long is not read to its end', async () => {
  answer = (_, response) => {
    const piece = Buffer.alloc(1 << 20, 0x20);
    const more = () => {
      if (!response.destroyed) response.write(piece, more);
    };
    more();
  };
  assert.match((await failure()).message, /too long/);
  assert.equal(MAX_ANSWER, 8 * 1024 * 1024);
});

test('an answer that drips ends with its time, and so does one that is given up', async () => {
  answer = (_, response) => {
    response.write('{');
    const drip = setInterval(() => response.write(' '), 20);
    response.on('close', () => clearInterval(drip));
  };
  assert.ok((await failure({ timeout: 200 })) instanceof OfflineError);
  assert.ok((await failure({ signal: AbortSignal.timeout(100) })) instanceof OfflineError);
});

test('no redirect is followed: a request carries the token', async () => {
  let requests = 0;
  answer = (_, response) => {
    requests += 1;
    response.writeHead(307, { Location: '/api/phone/v1/elsewhere' });
    response.end();
  };
  assert.ok((await failure()) instanceof OfflineError);
  assert.equal(requests, 1);
});

test('nobody there is one of being away', async () => {
  const nobody = new Client({ base: 'http://127.0.0.1:9' });
  await assert.rejects(nobody.call('sync', {}), OfflineError);
});

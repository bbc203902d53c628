/** The courier at the phone's end against a lock that does not keep to the rules. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encode } from '../../../src/nyckelfri/web/base/cbor.js';
import { Type } from '../../../src/nyckelfri/web/door/index.js';
import { MAX_BATCH } from '../../../src/nyckelfri/web/door/receipts.js';
import { Errand, MAX_BATCHES } from '../../../src/nyckelfri/web/phone/errand.js';
import { Progress } from '../../../src/nyckelfri/web/phone/steps.js';
import { StoreFullError } from '../../../src/nyckelfri/web/phone/store.js';
import { rogue } from './rogue.js';

/** @import { Bytes } from '../../../src/nyckelfri/web/base/bytes.js' */
/** @import { Load } from '../../../src/nyckelfri/web/phone/errand.js' */
/** @import { Step } from '../../../src/nyckelfri/web/phone/steps.js' */
/** @typedef {Awaited<ReturnType<typeof rogue>>['lock']} Lock */

const NOON = 1_794_222_000;
const INSTALLATION = new Uint8Array(8).fill(7);

/** The fields of a status. @param {{mark?: number, estimate?: number, acknowledged?: number}} [has]
 * @returns {(number | Bytes)[]} */
const status = ({ mark = 0, estimate = NOON, acknowledged = 0 } = {}) => [
  ...[mark, estimate, 1, 1, NOON, 10, acknowledged, 80],
  new Uint8Array(16),
];

/** A batch that says it holds these entries. @param {number} first @param {number} last */
function batch(first, last) {
  const sealed = Array.from({ length: last - first + 1 }, () => new Uint8Array(40));
  const segment = [Uint8Array.of(4), new Uint8Array(97), sealed];
  const payload = encode([INSTALLATION, first, new Uint8Array(32), [segment]]);
  return encode([new Uint8Array(3), new Map(), payload, new Uint8Array(64)]);
}

/** @type {Load} */
const NOTHING = {
  trusted: {
    root: /** @type {any} */ (null),
    keySet: null,
    signedKeySet: null,
    bulletin: null,
    signedBulletin: null,
  },
  receipt: null,
  carried: 0,
  wanted: null,
  now: NOON,
};

/** What an errand comes to against a lock that does what `script` says.
 * @param {(lock: Lock) => Promise<void>} script
 * @param {{load?: Partial<Load>, moves?: boolean, keep?: (batch: Bytes) => Promise<void>,
 *   askTime?: (nonce: Bytes, signal: AbortSignal) => Promise<Bytes | null>}} [how] */
async function against(script, { load = {}, moves = false, keep, askTime } = {}) {
  const { link, courier, lock } = await rogue();
  /** @type {Bytes[]} */
  const kept = [];
  /** @type {Step[]} */
  const steps = [];
  const errand = new Errand(link, courier, new Progress((step) => steps.push(step)), {
    askTime: askTime ?? (async () => null),
    keep: keep ?? (async (data) => void kept.push(data)),
  });
  const playing = script(lock).finally(lock.close);
  const result = await errand.run({ ...NOTHING, ...load }, { moves, fetches: true });
  await link.close();
  await playing.catch(() => {});
  return { result, kept, steps };
}

test('a lock that never ends its journal is left after a bounded number of batches', async () => {
  /** @type {unknown} */
  let last;
  const { result, kept } = await against(async (lock) => {
    await lock.say(Type.status, ...status());
    for (let number = 1; ; number += 1) {
      [last] = await lock.hear();
      if (last !== Type.fetch) return;
      await lock.say(Type.batch, batch(number, number));
    }
  });
  assert.equal(result.batches, MAX_BATCHES);
  assert.equal(kept.length, MAX_BATCHES);
  assert.equal(last, Type.end);
  assert.equal(result.complete, true);
});

for (const again of [1, 2]) {
  test(`a lock that sends the same ${again} for ever is left`, async () => {
    const { result } = await against(async (lock) => {
      await lock.say(Type.status, ...status());
      for (;;) {
        await lock.hear();
        await lock.say(Type.batch, batch(1, again));
      }
    });
    assert.equal(result.batches, 2);
    assert.match(result.stopped, /does not go on/);
    assert.equal(result.carried, again);
  });
}

for (const size of [0, MAX_BATCH + 1]) {
  test(`a batch of ${size} bytes, which no server takes, is not kept`, async () => {
    const { result, kept } = await against(async (lock) => {
      await lock.say(Type.status, ...status());
      await lock.hear();
      await lock.say(Type.batch, new Uint8Array(size));
    });
    assert.deepEqual(kept, []);
    assert.match(result.stopped, /no server takes/);
  });
}

test('a batch that does not read is kept for the server and ends the errand', async () => {
  const { result, kept } = await against(async (lock) => {
    await lock.say(Type.status, ...status());
    await lock.hear();
    await lock.say(Type.batch, new Uint8Array(100));
  });
  assert.equal(kept.length, 1);
  assert.match(result.stopped, /does not go on/);
});

test('a phone without room fetches no more, and the errand tells', async () => {
  const { result } = await against(
    async (lock) => {
      await lock.say(Type.status, ...status());
      await lock.hear();
      await lock.say(Type.batch, batch(1, 1));
    },
    {
      keep: async () => {
        throw new StoreFullError();
      },
    },
  );
  assert.match(result.stopped, /full/);
  assert.equal(result.batches, 0);
});

test('it begins behind what it has carried, or where the server misses something', async () => {
  for (const [load, has, first] of /** @type {const} */ ([
    [{}, {}, 0],
    [{ carried: 5 }, {}, 6],
    [{ carried: 5 }, { acknowledged: 7 }, 0],
    [{ carried: 10 }, {}, 0],
    [{ carried: 5, wanted: 2 }, {}, 2],
  ])) {
    /** @type {unknown[]} */
    let asked = [];
    await against(
      async (lock) => {
        await lock.say(Type.status, ...status(has));
        asked = await lock.hear();
        await lock.say(Type.noMore);
      },
      { load },
    );
    assert.deepEqual(asked, [Type.fetch, first]);
  }
});

test('an outcome may come between any two records, and is told', async () => {
  const { result, steps } = await against(
    async (lock) => {
      await lock.say(Type.status, ...status());
      await lock.say(Type.outcome, 8, 2, 9, new Uint8Array(8));
      await lock.hear();
      await lock.say(Type.noMore);
      await lock.hear();
    },
    { moves: true },
  );
  assert.equal(result.outcome?.result, 2);
  assert.equal(result.whole, true);
  assert.equal(result.complete, true);
  const told = steps.filter(({ stage }) => stage === 'moved');
  assert.deepEqual(
    told.map(({ details }) => details),
    [{ result: 'jammed' }],
  );
});

test('records that were not asked for end it, and raise nothing', async () => {
  for (const first of [Type.noMore, Type.applied]) {
    const { result } = await against(async (lock) => {
      await lock.say(first, ...(first === Type.applied ? [1, 0] : []));
    });
    assert.match(result.stopped, /another record/);
    assert.equal(result.status, null);
  }
  const { result } = await against(
    async (lock) => {
      await lock.say(Type.status, ...status());
      await lock.hear();
      await lock.say(Type.applied, Type.bulletin, 0);
    },
    { load: { receipt: { number: 3, data: new Uint8Array(9) } } },
  );
  assert.match(result.stopped, /for another record/);
});

test('the server is asked for the time only where the clock is doubtful or far off', async () => {
  for (const [has, asks] of /** @type {const} */ ([
    [{}, false],
    [{ estimate: NOON + 60 }, false],
    [{ estimate: NOON + 61 }, true],
    [{ mark: 1 }, true],
    [{ mark: 2 }, true],
  ])) {
    let asked = false;
    await against(
      async (lock) => {
        await lock.say(Type.status, ...status(has));
        await lock.hear();
        await lock.say(Type.noMore);
      },
      {
        askTime: async () => {
          asked = true;
          return null;
        },
      },
    );
    assert.equal(asked, asks, JSON.stringify(has));
  }
});

test('a question for the time is given up when the link is gone', async () => {
  let given = false;
  const { result } = await against(
    async (lock) => {
      await lock.say(Type.status, ...status({ mark: 2 }));
      lock.close();
    },
    {
      moves: true,
      load: { receipt: { number: 3, data: new Uint8Array(9) } },
      askTime: (_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            given = true;
            resolve(null);
          });
        }),
    },
  );
  assert.equal(given, true);
  assert.match(result.stopped, /closed/);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FramedLink, INBOX_LIMIT } from '../../../src/nyckelfri/web/radio/link.js';
import { LinkClosed, LinkTimeout } from '../../../src/nyckelfri/web/radio/port.js';
import { scripted } from '../support/stream.js';

const SOON = 1000;

function begin(pieceSize = 20) {
  const other = scripted(pieceSize);
  return { other, link: new FramedLink(other.stream) };
}

test('a message is framed and cut into pieces that the radio carries', async () => {
  const { other, link } = begin(20);
  await link.send(Uint8Array.from({ length: 45 }, (_, at) => at));
  assert.deepEqual(
    other.written.map((piece) => piece.length),
    [20, 20, 7],
  );
  assert.deepEqual([...other.written[0].slice(0, 4)], [0, 45, 0, 1]);
});

test('messages come whole and in order, however they were cut', async () => {
  const { other, link } = begin();
  const first = link.receive(SOON, 10);
  other.say(0);
  other.say(2, 7);
  other.say(8, 0, 1, 9, 0);
  assert.deepEqual([...(await first)], [7, 8]);
  assert.deepEqual([...(await link.receive(SOON, 10))], [9]);
  other.say(1, 5);
  assert.deepEqual([...(await link.receive(SOON, 10))], [5]);
});

test('a message that does not come whole in time is told, and may still come', async () => {
  const { other, link } = begin();
  other.say(0, 2, 7);
  await assert.rejects(link.receive(20, 10), LinkTimeout);
  other.say(8);
  assert.deepEqual([...(await link.receive(SOON, 10))], [7, 8]);
  assert.equal(link.closed, false);
});

test('who waits may give up', async () => {
  const { link } = begin();
  const giving = new AbortController();
  const waiting = link.receive(SOON, 10, giving.signal);
  giving.abort();
  await assert.rejects(waiting, LinkClosed);
});

for (const [what, piece] of /** @type {[string, number[]][]} */ ([
  ['nothing', [0, 0]],
  ['more than the limit of now', [0, 11]],
])) {
  test(`a length that promises ${what} ends the link before any of the message`, async () => {
    const { other, link } = begin();
    other.say(...piece);
    await assert.rejects(link.receive(SOON, 10), LinkClosed);
    assert.match(link.why, /framing/);
    await assert.rejects(link.send(Uint8Array.of(1)), LinkClosed);
    assert.equal(other.written.length, 0);
  });
}

test('the limit is that of the moment', async () => {
  const { other, link } = begin();
  other.say(0, 1, 1, 0, 3, 1, 2, 3);
  await link.receive(SOON, 1);
  assert.equal((await link.receive(SOON, 3)).length, 3);
});

test('what nobody reads is bounded', async () => {
  const { other, link } = begin();
  for (let sent = 0; sent <= INBOX_LIMIT; sent += 500) other.say(...new Uint8Array(500).fill(1));
  assert.equal(link.closed, true);
  assert.match(link.why, /more than anybody reads/);
});

test('when the link is lost who waits is told, and what came before can be read', async () => {
  const { other, link } = begin();
  other.say(0, 1, 4);
  other.lose('disconnected');
  other.say(0, 1, 5);
  assert.deepEqual([...(await link.receive(SOON, 10))], [4]);
  await assert.rejects(link.receive(SOON, 10), /disconnected/);

  const second = begin();
  const waiting = second.link.receive(SOON, 10);
  second.other.lose('disconnected');
  second.other.lose('something else');
  await assert.rejects(waiting, LinkClosed);
  assert.equal(second.link.why, 'disconnected');
});

test('a write that fails ends the link', async () => {
  const { other, link } = begin();
  other.fail(new LinkClosed('write: NetworkError'));
  await assert.rejects(link.send(Uint8Array.of(1)), LinkClosed);
  assert.equal(link.why, 'write: NetworkError');
});

test('closing ends the waiting and the stream', async () => {
  const { other, link } = begin();
  const waiting = assert.rejects(link.receive(SOON, 10), /closed by this side/);
  await link.close();
  await link.close();
  await waiting;
  assert.equal(other.closed(), 2);
  await assert.rejects(link.send(Uint8Array.of(1)), LinkClosed);
});

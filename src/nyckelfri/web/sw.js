/**
 * Keeps the app on the phone, so that it starts without coverage.
 *
 * House rules: one version whole or not at all; a new one waits until the app says that nothing is
 * going on; only the app's own files are kept, never an answer of the server that holds data.
 */

// The server writes these two when it serves this file.
const VERSION = '__VERSION__';
/** @type {string[]} */
const FILES = JSON.parse('__FILES__');

// The types of workers and of pages exclude each other, and this is the one worker.
const worker = /** @type {any} */ (self);
const PREFIX = 'nyckelfri-';
const CACHE = PREFIX + VERSION;
const SHELL = '/telefon/';

worker.addEventListener('install', (/** @type {any} */ event) => {
  // What is kept the browser then hands out by itself, sooner than `fetch` below.
  const routes = [SHELL, `${SHELL}f/${VERSION}/*`].map((pathname) => ({
    condition: { urlPattern: { pathname } },
    source: { cacheName: CACHE },
  }));
  event.addRoutes?.(routes).catch(() => {});
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(FILES);
      // Where the server has changed meanwhile this is another version's page: try again later.
      const shell = await (await cache.match(SHELL))?.text();
      if (!shell?.includes(VERSION)) throw new Error('the app changed while it was fetched');
    })(),
  );
});

worker.addEventListener('activate', (/** @type {any} */ event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) {
        if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
      }
      await worker.clients.claim();
    })(),
  );
});

worker.addEventListener('message', (/** @type {any} */ event) => {
  if (event.data === 'take over') worker.skipWaiting();
});

worker.addEventListener('fetch', (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (request.mode === 'navigate') event.respondWith(kept(SHELL, request));
  else if (FILES.includes(url.pathname)) event.respondWith(kept(url.pathname, request));
});

/**
 * What is kept under `path`; else what the network says.
 * @param {string} path
 * @param {Request} request
 */
async function kept(path, request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

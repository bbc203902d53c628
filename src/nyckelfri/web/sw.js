/**
 * The app without a network: one version of it, whole. The server fills in `__VERSION__` and
 * `__FILES__`, a JSON list of the addresses that make up that version.
 */
const VERSION = '__VERSION__';
const FILES = JSON.parse('__FILES__');

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)));
});

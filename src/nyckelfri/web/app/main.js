/**
 * Begins the app: its parts, the frame, the worker that keeps it, and when it locks by itself.
 *
 * House rules: the page is never loaded again while somebody is signed in, because a lock that was
 * chosen in the browser's box is known only until then.
 */
import { h } from '../base/dom.js';
import { readLabel } from '../day/labels.js';
import { webBluetooth } from '../radio/ble.js';
import { webNfc } from '../radio/nfc.js';
import { App } from './app.js';
import { Doorway } from './doorway.js';
import { frame } from './frame.js';
import { Labels } from './labels.js';
import { services } from './services.js';
import { signaller } from './signal.js';

/** Milliseconds without a touch, and out of sight, after which the app asks for the PIN. */
const UNTOUCHED = 5 * 60_000;
const HIDDEN = 2 * 60_000;
/** Milliseconds between redraws: what is late, what is next. */
const TICK = 20_000;

const root = h('div', { id: 'app' });
root.style.display = 'contents';
document.body.append(root);

const parts = services({ radio: webBluetooth() });
const language = parts.language();
document.documentElement.lang = language;
const app = new App({
  services: parts,
  signal: signaller(),
  language,
  version: document.body.dataset.version ?? '',
});
app.doorway = new Doorway(app, {
  radio: parts.radio,
  account: parts.account,
  visitor: parts.visitor,
});
app.labels = new Labels(app, webNfc(), location.origin);

/** The address of a label that opened the app, until somebody is there to use it. */
let label = readLabel(location.href, location.origin) ? location.href : null;
if (location.pathname !== '/telefon/') history.replaceState(null, '', `/telefon/${location.hash}`);
if (label) app.notice = app.t('label_waits');
app.addEventListener('change', () => {
  if (app.state !== 'open' || !label) return;
  const address = label;
  label = null;
  app.guard(() => app.labels.address(address));
});

app.addEventListener('change', () =>
  parts.rememberLocked(app.state === 'locked' || app.state === 'open'),
);

frame(app, root);
if (parts.wasLocked()) {
  // The PIN is typed while the database opens; what is true is drawn then.
  app.state = 'locked';
  app.changed();
}
await app.begin();
// While it is typed: the first clock time takes longer than all others on the list.
requestIdleCallback(() => app.clock(app.now()));

// What waits is sent when it is due, when coverage comes back, and when somebody looks.
parts.whenDue(
  () => app.state !== 'new' && app.state !== 'blocked' && app.guard(() => app.synchronise()),
);
addEventListener('online', () => parts.soon());

// The app locks by itself.
let touched = performance.now();
let hidden = 0;
for (const kind of ['pointerdown', 'keydown']) {
  addEventListener(
    kind,
    () => {
      touched = performance.now();
    },
    { passive: true },
  );
}
document.addEventListener('visibilitychange', () => {
  hidden = document.hidden ? performance.now() : 0;
  if (!document.hidden) {
    lockIfLeft();
    parts.soon();
  }
});
const lockIfLeft = () => {
  const now = performance.now();
  if (now - touched > UNTOUCHED || (hidden > 0 && now - hidden > HIDDEN)) app.lock();
};
setInterval(() => {
  lockIfLeft();
  takeOver();
  // Not under somebody's fingers.
  if (
    app.state === 'open' &&
    !document.querySelector('dialog') &&
    !document.activeElement?.matches('input, textarea')
  )
    app.changed();
}, TICK);

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault();
  const asks = /** @type {Event & {prompt: () => Promise<void>}} */ (event);
  app.install = () => {
    app.install = null;
    app.guard(() => asks.prompt());
    app.changed();
  };
  app.changed();
});

// The worker that keeps the app; a new version takes over when nobody is in the middle of anything.
/** @type {ServiceWorkerRegistration | null} */
let registration = null;
function takeOver() {
  const waits = registration?.waiting ?? null;
  if (waits !== null && !app.updateWaits) {
    app.updateWaits = true;
    app.changed();
  }
  // Locked: nobody is at a door. All it costs is one more choosing of a lock.
  if (waits && app.state !== 'open' && app.state !== 'choosing') waits.postMessage('take over');
}
if ('serviceWorker' in navigator) {
  // The first worker takes the page as it is; a later one brings other files, so the page begins anew.
  let had = navigator.serviceWorker.controller !== null;
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (had) location.reload();
    had = true;
  });
  registration = await navigator.serviceWorker
    .register('/telefon/sw.js', { scope: '/telefon/' })
    .catch(() => null);
  setInterval(() => registration?.update().catch(() => {}), 60 * 60_000);
}

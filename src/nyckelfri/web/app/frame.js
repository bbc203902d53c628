/**
 * What stands around each screen, and which screen stands there.
 *
 * House rules: the address says which screen, by opaque ids only; who is signed in says whether it
 * may be seen; a redraw keeps the focus where it was; nothing is ever loaded again.
 */
import { fill, h } from '../base/dom.js';
import {
  alarmScreen,
  helpScreen,
  menuScreen,
  searchScreen,
  waitingScreen,
} from '../screens/others.js';
import { dayScreen } from '../screens/day.js';
import {
  blockedScreen,
  enrolScreen,
  lockedScreen,
  newPinScreen,
  signInScreen,
} from '../screens/start.js';
import { clientScreen, visitScreen } from '../screens/visit.js';
import { icon } from '../screens/icons.js';

/** @typedef {import('./app.js').App} App */
/** @typedef {import('../base/dom.js').Child} Child */
/**
 * @typedef {object} Screen
 * @property {() => string} title
 * @property {() => string} [under]  a line under the title
 * @property {() => (Child | Child[])[]} body
 * @property {() => (Child | Child[])[]} [bar]  what lies under the thumb
 * @property {boolean} [home]  nothing to go back to
 * @property {boolean} [bare]  with a heading of its own and nothing around it
 * @property {() => void} [entered]  it stands there
 * @property {() => void} [leave]  something else will
 */

/** @type {Record<string, (app: App) => Screen>} */
const GATES = {
  new: enrolScreen,
  blocked: blockedScreen,
  signedOut: signInScreen,
  locked: lockedScreen,
  choosing: newPinScreen,
};
/** @type {[RegExp, (app: App, id: string) => Screen | null][]} */
const ROUTES = [
  [/^#\/besok\/([\w-]{1,40})$/, visitScreen],
  [/^#\/kund\/([\w-]{1,40})$/, clientScreen],
  [/^#\/hjalp\/([\w-]{1,40})$/, helpScreen],
  [/^#\/larm\/([\w-]{1,40})$/, alarmScreen],
  [/^#\/sok$/, searchScreen],
  [/^#\/vantar$/, waitingScreen],
  [/^#\/meny$/, menuScreen],
];

/**
 * Draw the app into `root` whenever it has changed.
 * @param {App} app
 * @param {HTMLElement} root
 */
export function frame(app, root) {
  const top = h('header', { class: 'top' });
  const main = h('main', { id: 'main', tabindex: -1 });
  const bar = h('div', { class: 'bar' });
  const said = h('div', { class: 'said', role: 'status', 'aria-live': 'polite' });
  fill(root, top, main, bar, said);
  /** @type {Screen | null} */
  let screen = null;
  let standsFor = '';

  const draw = () => {
    const place = app.state === 'open' ? `${location.hash}|${app.day !== null}` : app.state;
    const key = `${place}|${app.language}`;
    const fresh = key !== standsFor || screen === null;
    if (fresh) {
      screen?.leave?.();
      standsFor = key;
      said.replaceChildren();
      screen = found(app);
      window.scrollTo(0, 0);
    }
    if (!screen) return;
    const active = document.activeElement;
    const focused = active?.matches('h1') ? 'h1' : active?.id ? `#${active.id}` : '';
    // The browser keeps titles in its history, and Android shows them: no name of anybody.
    document.title = app.t('app');
    top.hidden = screen.bare === true;
    fill(top, ...(screen.bare ? [] : heading(app, screen)));
    const scrolled = window.scrollY;
    fill(main, ...screen.body());
    const below = screen.bar?.() ?? [];
    bar.hidden = below.length === 0;
    fill(bar, ...below);
    if (fresh) {
      /** @type {HTMLElement | null} */ (root.querySelector('h1'))?.focus({ preventScroll: true });
      screen.entered?.();
    } else {
      window.scrollTo(0, scrolled);
      const again = focused ? root.querySelector(focused) : null;
      /** @type {HTMLElement | null} */ (again)?.focus({ preventScroll: true });
    }
  };
  app.addEventListener('change', draw);
  app.addEventListener('say', (event) => say(said, /** @type {CustomEvent} */ (event).detail));
  window.addEventListener('hashchange', () => {
    for (const dialog of document.querySelectorAll('dialog')) dialog.close();
    draw();
  });
}

/**
 * @param {App} app
 * @returns {Screen}
 */
function found(app) {
  const gate = GATES[app.state];
  if (gate) return gate(app);
  for (const [pattern, make] of ROUTES) {
    const match = pattern.exec(location.hash);
    const screen = match ? make(app, match[1] ?? '') : null;
    if (screen) return screen;
  }
  // An address of yesterday leads to today; without a day it waits for one.
  if (location.hash !== '' && app.day) history.replaceState(null, '', '#');
  return dayScreen(app);
}

/**
 * @param {App} app
 * @param {Screen} screen
 */
function heading(app, screen) {
  const under = screen.under?.();
  const { total: count, since } = app.waiting;
  const words =
    count === 0
      ? app.t('all_sent')
      : count === 1
        ? app.t('waits_one')
        : app.t('waits', { n: count });
  return [
    !screen.home &&
      h(
        'button',
        {
          type: 'button',
          class: 'tap',
          'aria-label': app.t('back'),
          id: 'back',
          on: { click: () => app.back() },
        },
        icon('back'),
      ),
    h('h1', { tabindex: -1 }, screen.title(), under && h('small', {}, under)),
    h(
      'a',
      {
        class: `tap badge ${count > 0 ? 'waits' : ''}`,
        href: '#/vantar',
        id: 'waiting',
      },
      icon(count > 0 ? 'cloud' : 'check'),
      count > 0 &&
        h(
          'span',
          { 'aria-hidden': 'true' },
          count,
          since !== null && h('small', {}, app.clock(since)),
        ),
      h('span', { class: 'unseen' }, words),
    ),
    screen.home &&
      h(
        'a',
        { class: 'tap', href: '#/meny', 'aria-label': app.t('menu'), id: 'menu' },
        icon('menu'),
      ),
  ];
}

/**
 * Say something for a while; with an act, long enough to take it.
 * @param {HTMLElement} said
 * @param {{words: string, act?: {words: string, act: () => unknown}}} what
 */
function say(said, { words, act }) {
  const node = h(
    'p',
    {},
    h('span', {}, words),
    act &&
      h(
        'button',
        {
          type: 'button',
          class: 'tap',
          on: {
            click: () => {
              node.remove();
              act.act();
            },
          },
        },
        act.words,
      ),
  );
  fill(said, node);
  setTimeout(() => node.remove(), act ? 12000 : 4000);
}

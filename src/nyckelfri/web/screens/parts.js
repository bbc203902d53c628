/** Pieces that several screens show. House rules: values in, nodes out; nothing is remembered. */
import { icon } from './icons.js';
import { h } from '../base/dom.js';
import { minutesLate, standing } from '../day/visits.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../day/visits.js').Visit} Visit */
/** @typedef {import('../app/app.js').Client} Client */

const TONES = /** @type {const} */ ({
  ahead: '',
  now: '',
  running: 'good',
  done: 'good',
  unregistered: 'warn',
  missed: 'warn',
  declined: 'warn',
});

/**
 * What has become of a visit, in a word.
 * @param {App} app
 * @param {Visit} visit
 */
export function chip(app, visit) {
  const progress = app.progress.get(visit.id);
  const what = standing(visit, progress, app.now());
  const late = minutesLate(visit, progress, app.now());
  if (what === 'ahead') return null;
  if (late >= 5) return h('span', { class: 'chip warn' }, app.t('late_by', { n: late }));
  return h(
    'span',
    { class: `chip ${TONES[what]}` },
    what === 'done' && icon('check'),
    app.t(`standing_${what}`),
  );
}

/**
 * @param {App} app
 * @param {number} at
 */
export function time(app, at) {
  return h('time', { datetime: new Date(at * 1000).toISOString() }, app.clock(at));
}

/**
 * Name, or the number where no name may be told.
 * @param {Client} client
 */
export function called(client) {
  return client.name || client.number;
}

/**
 * Address, apartment and floor in one line.
 * @param {App} app
 * @param {Client} client
 */
export function place(app, client) {
  const parts = [client.address];
  if (client.apartment) parts.push(app.t('apartment', { n: client.apartment }));
  if (client.floor) parts.push(client.floor);
  return parts
    .filter(Boolean)
    .join(' · ')
    .replace(/ (?=tr\b)/g, '\u00a0');
}

/**
 * @param {'warning' | 'people' | 'note' | 'battery' | 'label'} name
 * @param {string} text
 * @param {string} [tone]
 */
export function tell(name, text, tone = '') {
  return h('p', { class: `tell ${tone}` }, icon(name), h('span', {}, text));
}

/** The address that calls a number. @param {string} number */
export const telephone = (number) => `tel:${number.replace(/[^+0-9 -]/g, '')}`;

/**
 * People with a button each that calls them.
 * @param {App} app
 * @param {{name: string, role?: string, telephone: string}[]} people
 */
export function callable(app, people) {
  return h(
    'ul',
    { class: 'people' },
    people.map((one) =>
      h(
        'li',
        {},
        h('span', {}, h('strong', {}, one.name), one.role && h('small', {}, one.role)),
        one.telephone &&
          h(
            'a',
            {
              class: 'button',
              href: telephone(one.telephone),
              'aria-label': app.t('call_name', { name: one.name }),
            },
            icon('call'),
            app.t('call'),
          ),
      ),
    ),
  );
}

/**
 * Words in the middle of an empty screen.
 * @param {import('./icons.js').IconName} name
 * @param {string} title
 * @param {string} hint
 * @param {...Node} more
 */
export function empty(name, title, hint, ...more) {
  return h(
    'div',
    { class: 'empty' },
    icon(name),
    h('strong', {}, title),
    h('p', {}, hint),
    ...more,
  );
}

/**
 * @param {string} words
 * @param {() => unknown} act
 * @param {{main?: boolean, danger?: boolean, quiet?: boolean, name?: import('./icons.js').IconName, id?: string}} [options]
 */
export function button(words, act, { main, danger, quiet, name, id } = {}) {
  const kind = main ? 'main' : danger ? 'danger' : quiet ? 'quiet' : '';
  return h(
    'button',
    { type: 'button', class: `button ${kind}`, id, on: { click: act } },
    name && icon(name),
    words,
  );
}

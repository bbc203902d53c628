/** The day: the next visit on top with its door, all others in order. */
import { icon } from './icons.js';
import { h } from '../base/dom.js';
import { nextVisit, ofToday, standing } from '../day/visits.js';
import { DoorPanel } from './doorpanel.js';
import { button, called, chip, empty, place, tell, time } from './parts.js';
import { endButton, scanButton } from './visiting.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../app/app.js').Client} Client */
/** @typedef {import('../day/visits.js').Visit} Visit */

/**
 * @param {App} app
 * @returns {import('../app/frame.js').Screen}
 */
export function dayScreen(app) {
  /** @type {{id: string, panel: DoorPanel} | null} */
  let door = null;
  const panelOf = (/** @type {Visit} */ visit, /** @type {Client} */ client) => {
    // The panel outlives a redraw, and the visit it belongs to while something happens at its door.
    if (door?.id !== visit.id) {
      door?.panel.leave();
      door = { id: visit.id, panel: new DoorPanel(app, client, { visit: visit.id, plain: false }) };
    }
    door.panel.update();
    return door.panel;
  };
  return {
    title: () => app.t('day_title'),
    under: () => app.longDay(app.now()),
    home: true,
    body() {
      const day = app.day;
      if (!day && app.syncing) return [empty('cloud', app.t('day_fetching'), '')];
      if (!day) return [empty('cloud', app.t('day_never'), app.t('day_never_hint'), getDay(app))];
      const visits = ofToday(day.visits, app.now());
      if (visits.length === 0)
        return [empty('home', app.t('day_none'), app.t('day_none_hint'), getDay(app))];
      const held = door?.panel.holds ? visits.find((visit) => visit.id === door?.id) : null;
      const next = held ?? nextVisit(visits, app.progress, app.now());
      const rest = visits.filter((visit) => visit !== next);
      const keyless = visits.filter((visit) => app.lacksKey(visit)).length;
      return [
        app.notice && tell('warning', app.notice, 'warn'),
        app.notice && button(app.t('signin_do'), () => app.somebodyElse(), { main: true }),
        keyless > 0 && tell('warning', app.t('day_half', { n: keyless }), 'warn'),
        next && nextCard(app, next, panelOf),
        !next && empty('check', app.t('day_done'), ''),
        ...list(app, rest),
      ];
    },
    bar: () => [
      scanButton(app, null),
      button(app.t('search'), () => app.go('#/sok'), { name: 'search' }),
    ],
    leave: () => door?.panel.leave(),
  };
}

/** @param {App} app */
function getDay(app) {
  return button(app.t('day_get'), () => app.guard(() => app.synchronise()), { main: true });
}

/**
 * @param {App} app
 * @param {Visit} visit
 * @param {(visit: Visit, client: Client) => DoorPanel} panelOf
 */
function nextCard(app, visit, panelOf) {
  const client = app.client(visit.client);
  const progress = app.progress.get(visit.id);
  const stands = standing(visit, progress, app.now());
  const running = stands === 'running';
  if (!client) return null;
  const minutes = Math.ceil((visit.start - app.now()) / 60);
  return h(
    'section',
    { class: 'next', 'aria-labelledby': 'next-title' },
    h(
      'h2',
      { id: 'next-title' },
      app.t(running ? 'running_visit' : stands === 'done' ? 'standing_done' : 'next_visit'),
      running
        ? h('span', {}, app.t('since', { time: app.clock(progress?.started ?? visit.start) }))
        : stands === 'ahead' && minutes < 120
          ? h('span', {}, app.t('starts_in', { n: minutes }))
          : stands !== 'done' && chip(app, visit),
    ),
    h('p', { class: 'when' }, time(app, visit.start), '–', time(app, visit.end)),
    h(
      'a',
      { class: 'who', href: `#/besok/${visit.id}` },
      h('strong', {}, called(client), icon('forward')),
      h('span', {}, place(app, client)),
    ),
    visit.partner && tell('people', app.t('together_with', { name: visit.partner.name })),
    client.instruction && tell('note', client.instruction),
    client.alerts.map((alert) => tell('warning', alert[app.language])),
    panelOf(visit, client).node,
    running && endButton(app, client, visit, panelOf(visit, client)),
  );
}

/**
 * The others: what waits, then what is done; each under its own heading.
 * @param {App} app
 * @param {Visit[]} visits
 */
function list(app, visits) {
  const of = (/** @type {Visit} */ visit) => standing(visit, app.progress.get(visit.id), app.now());
  const unregistered = visits.filter((visit) => of(visit) === 'unregistered');
  const ahead = visits.filter((visit) => ['ahead', 'now', 'running'].includes(of(visit)));
  const over = visits.filter((visit) => ['done', 'missed', 'declined'].includes(of(visit)));
  return [
    ...group(app, app.t('not_registered'), unregistered),
    ...group(app, app.t('later'), ahead),
    ...group(app, app.t('earlier'), over, 'over'),
  ];
}

/**
 * @param {App} app
 * @param {string} title
 * @param {Visit[]} visits
 * @param {string} [kind]
 */
function group(app, title, visits, kind = '') {
  if (visits.length === 0) return [];
  return [
    h('h2', {}, title),
    h(
      'ul',
      { class: 'rows' },
      visits.map((visit) => row(app, visit, kind)),
    ),
  ];
}

/**
 * @param {App} app
 * @param {Visit} visit
 * @param {string} kind
 */
function row(app, visit, kind) {
  const client = app.client(visit.client);
  if (!client) return null;
  return h(
    'li',
    {},
    h(
      'a',
      { class: `row ${kind}`, href: `#/besok/${visit.id}` },
      time(app, visit.start),
      h('span', {}, h('strong', {}, called(client)), h('small', {}, place(app, client))),
      app.lacksKey(visit) ? h('span', { class: 'chip warn' }, app.t('no_key')) : chip(app, visit),
    ),
  );
}

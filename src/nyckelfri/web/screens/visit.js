/** A visit, or a client without one: how to go in, the door, what was done. */
import { h } from '../base/dom.js';
import { goesOn, standing } from '../day/visits.js';
import { DoorPanel } from './doorpanel.js';
import { button, called, chip, place, telephone, tell, time } from './parts.js';
import {
  about,
  askBatteries,
  askDeclined,
  askDeviation,
  askMissed,
  askNote,
  askStart,
  endButton,
  remarksNode,
  scanButton,
} from './visiting.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../app/app.js').Client} Client */
/** @typedef {import('../day/visits.js').Visit} Visit */

/**
 * @param {App} app
 * @param {string} id
 */
export function visitScreen(app, id) {
  const visit = app.visit(id);
  const client = visit && app.client(visit.client);
  return client ? screen(app, client, visit) : null;
}

/**
 * A client whose door may be opened though there is no visit.
 * @param {App} app
 * @param {string} number
 */
export function clientScreen(app, number) {
  const client = app.client(number);
  return client ? screen(app, client, null) : null;
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 * @returns {import('../app/frame.js').Screen}
 */
function screen(app, client, visit) {
  const panel = new DoorPanel(app, client, { visit: visit?.id ?? null });
  return {
    title: () => called(client),
    body() {
      const progress = app.progressOf(about(client, visit));
      panel.update();
      return [
        h('p', { class: 'place' }, place(app, client)),
        whenLine(app, visit),
        client.alerts.map((alert) => tell('warning', alert[app.language], 'warn')),
        client.protected && tell('warning', app.t('protected'), 'warn'),
        visit?.partner && tell('people', app.t('together_with', { name: visit.partner.name })),
        visit?.added && tell('note', app.t('added_by_planner', { reason: visit.added })),
        client.instruction &&
          h(
            'section',
            { class: 'howin' },
            h('h2', {}, app.t('how_in')),
            h('p', {}, client.instruction),
          ),
        visit && services(app, visit, progress?.services ?? [], progress?.ended != null),
        facts(app, client, progress),
        remarksNode(app, progress?.remarks ?? []),
        acts(app, client, visit),
      ];
    },
    bar: () => [
      h('div', {}, panel.node, running(app, client, visit) && endButton(app, client, visit, panel)),
    ],
    leave: () => panel.leave(),
  };
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 */
function running(app, client, visit) {
  const progress = app.progressOf(about(client, visit));
  return goesOn(progress) && !progress?.outcome;
}

/**
 * @param {App} app
 * @param {Visit | null} visit
 */
function whenLine(app, visit) {
  if (!visit)
    return h('p', { class: 'whenline' }, h('span', { class: 'chip' }, app.t('unplanned_visit')));
  const minutes = Math.round((visit.end - visit.start) / 60);
  return h(
    'p',
    { class: 'whenline' },
    h('span', {}, time(app, visit.start), '–', time(app, visit.end)),
    h('span', { class: 'chip' }, app.t('minutes', { n: minutes })),
    chip(app, visit),
  );
}

/**
 * @param {App} app
 * @param {Visit} visit
 * @param {string[]} done
 * @param {boolean} over
 */
function services(app, visit, done, over) {
  return h(
    'div',
    {},
    h('h2', {}, app.t('services')),
    h(
      'ul',
      { class: 'services' },
      (over ? done : visit.services).map((code) =>
        h('li', { class: `chip ${over ? 'good' : ''}` }, app.service(code)),
      ),
    ),
  );
}

/** @param {string | false | null | undefined} words */
const line = (words) => words && h('div', {}, words);

/**
 * @param {App} app
 * @param {Client} client
 * @param {import('../day/visits.js').Progress | undefined} progress
 */
function facts(app, client, progress) {
  const said = (
    /** @type {'went_in' | 'went_out'} */ key,
    /** @type {number | null} */ at,
    /** @type {string | null} */ how,
  ) =>
    at !== null &&
    how !== null &&
    app.t(key, { time: app.clock(at), how: app.t(/** @type {any} */ (`how_${how}`)) });
  const partner = client.partner ? app.client(client.partner) : null;
  /** @type {[string, import('../base/dom.js').Child | import('../base/dom.js').Child[]][]} */
  const rows = [
    [
      app.t('the_visit'),
      progress?.started != null && [
        line(said('went_in', progress.started, progress.startedHow)),
        line(said('went_out', progress.ended, progress.endedHow)),
      ],
    ],
    [
      app.t('telephone'),
      client.telephone && h('a', { href: telephone(client.telephone) }, client.telephone),
    ],
    [app.t('more'), partner && app.t('partner_here', { name: called(partner) })],
    [app.t('label_place', { place: '' }).replace(/[: ]+$/, ''), client.labels[0]?.place],
  ];
  const told = rows.filter(([, value]) => value);
  return (
    told.length > 0 &&
    h(
      'dl',
      { class: 'facts' },
      told.map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {}, value))),
    )
  );
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 */
function acts(app, client, visit) {
  const progress = app.progressOf(about(client, visit));
  const begun = running(app, client, visit);
  const over = visit !== null && standing(visit, progress, app.now()) === 'done';
  const waits = visit !== null && !begun && !over && !progress?.outcome;
  return h(
    'div',
    { class: 'buttons two' },
    scanButton(app, client),
    !begun &&
      !over &&
      button(app.t('start_manual'), () => askStart(app, client, visit), { name: 'note' }),
    waits && button(app.t('missed'), () => askMissed(app, client, visit), { name: 'home' }),
    waits && button(app.t('declined'), () => askDeclined(app, client, visit), { name: 'cross' }),
    button(app.t('note'), () => askNote(app, client, visit), { name: 'note' }),
    button(app.t('deviation'), () => askDeviation(app, client, visit), { name: 'warning' }),
    (client.doors.front || client.doors.entrance) &&
      button(app.t('lock_broken'), () => app.go(`#/hjalp/${client.number}`), { name: 'locked' }),
    client.doors.front &&
      button(app.t('batteries'), () => askBatteries(app, client, 'front'), { name: 'battery' }),
  );
}

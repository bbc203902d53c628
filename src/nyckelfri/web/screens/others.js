/** Search, what waits to be sent, help at a broken lock, the menu, an alarm. */
import { icon } from './icons.js';
import { fill, h } from '../base/dom.js';
import { search } from '../day/search.js';
import { FAULTS } from '../day/entries.js';
import { button, callable, called, empty, place, tell } from './parts.js';
import { ask } from './sheet.js';
import { about } from './visiting.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../app/frame.js').Screen} Screen */

/**
 * @param {App} app
 * @returns {Screen}
 */
export function searchScreen(app) {
  const found = h('div', { role: 'status' });
  const field = h('input', {
    id: 'words',
    type: 'search',
    autocomplete: 'off',
    enterkeyhint: 'search',
    maxlength: 60,
    on: { input: () => show() },
  });
  const show = () => {
    const clients = search(app.day?.clients ?? [], field.value);
    if (field.value.trim() === '') fill(found, h('p', { class: 'hint' }, app.t('search_empty')));
    else if (clients.length === 0) fill(found, empty('search', app.t('search_none'), ''));
    else {
      fill(
        found,
        h(
          'ul',
          { class: 'rows' },
          clients.map((client) =>
            h(
              'li',
              {},
              h(
                'a',
                { class: 'row two', href: app.pathTo(client) },
                h('span', {}, h('strong', {}, called(client)), h('small', {}, place(app, client))),
                icon('forward'),
              ),
            ),
          ),
        ),
      );
    }
  };
  show();
  const body = h(
    'div',
    {},
    h('div', { class: 'field' }, h('label', { for: 'words' }, app.t('search_field')), field),
    found,
  );
  return {
    title: () => app.t('search'),
    under: () => app.t('search_lead'),
    body: () => [body],
    entered: () => field.focus(),
  };
}

/**
 * @param {App} app
 * @returns {Screen}
 */
export function waitingScreen(app) {
  return {
    title: () => app.t('outbox_title'),
    body() {
      const { entries, openings, batches, total, since } = app.waiting;
      if (total === 0) return [empty('check', app.t('all_sent'), app.t('outbox_lead'))];
      const rows = /** @type {const} */ ([
        ['outbox_entries', entries],
        ['outbox_openings', openings],
        ['outbox_batches', batches],
      ]);
      return [
        h('p', { class: 'lead' }, app.t('outbox_lead')),
        h(
          'dl',
          { class: 'facts counts' },
          rows.map(([key, count]) =>
            h('div', {}, h('dt', {}, app.t(key)), h('dd', { class: 'number' }, count)),
          ),
        ),
        since !== null && h('p', {}, app.t('waits_since', { time: app.dayAndClock(since) })),
        app.trouble && tell('warning', app.trouble, 'warn'),
      ];
    },
    bar: () => [
      button(
        app.t(app.syncing ? 'sending' : 'send_now'),
        () => app.guard(() => app.synchronise()),
        { main: true, name: 'cloud' },
      ),
    ],
  };
}

/**
 * @param {App} app
 * @param {string} number
 * @returns {Screen | null}
 */
export function helpScreen(app, number) {
  const client = app.client(number);
  if (!client) return null;
  const people = () => {
    const partner = app.day?.visits.find(
      (visit) => visit.client === number && visit.partner,
    )?.partner;
    const office = app.day?.office;
    return [
      ...(partner ? [partner] : []),
      ...(app.day?.colleagues ?? []).map((one) => ({ ...one, role: one.role[app.language] })),
      ...(office?.telephone ? [office] : []),
    ];
  };
  return {
    title: () => app.t('fault_title'),
    under: () => called(client),
    body() {
      const fallback = app.day?.fallback;
      const helpers = people();
      return [
        h(
          'section',
          { class: 'howin' },
          h('h2', {}, app.t('fallback_title')),
          h('p', {}, fallback?.text ?? app.t('fallback_none')),
        ),
        fallback?.telephone &&
          callable(app, [{ name: fallback.telephone, telephone: fallback.telephone }]),
        h('h2', {}, app.t('who_can_help')),
        helpers.length > 0 ? callable(app, helpers) : h('p', {}, app.t('nobody_known')),
      ];
    },
    bar: () => [
      button(app.t('fault_send'), () => askFault(app, client), { main: true, name: 'warning' }),
    ],
  };
}

/**
 * @param {App} app
 * @param {import('../app/app.js').Client} client
 */
function askFault(app, client) {
  const doors = /** @type {const} */ (['front', 'entrance']).filter((door) => client.doors[door]);
  ask(
    app,
    {
      title: app.t('fault_send'),
      fields: [
        ...(doors.length > 1
          ? [
              /** @type {import('./sheet.js').Choice} */ ({
                kind: 'one',
                name: 'door',
                legend: app.t('which_door'),
                checked: ['front'],
                options: doors.map((door) => [door, app.t(`do_unlock_${door}`)]),
              }),
            ]
          : []),
        {
          kind: 'one',
          name: 'what',
          legend: app.t('fault_what'),
          options: FAULTS.map((code) => [code, app.t(`fault_${code}`)]),
        },
        { kind: 'text', name: 'text', label: app.t('tell_more'), optional: true },
      ],
      acts: [{ words: app.t('fault_fallback'), value: 'fallback' }, { words: app.t('fault_send') }],
    },
    async ({ door, what, text, act }) => {
      const installation = client.doors[/** @type {'front' | 'entrance'} */ (door ?? doors[0])];
      await app.enter('lock_fault', about(client, null), {
        installation,
        what,
        text,
        fallback: act === 'fallback',
      });
      app.say(app.t('fault_sent'));
    },
  );
}

/**
 * @param {App} app
 * @returns {Screen}
 */
export function menuScreen(app) {
  return {
    title: () => app.t('me_title'),
    body: () => [
      app.session &&
        h(
          'p',
          { class: 'lead' },
          app.t('me_signed_in', { name: app.session.name }),
          ' ',
          app.t('me_until', { time: app.clock(app.session.until) }),
        ),
      app.updateWaits && tell('note', app.t('update_ready')),
      app.clockWrong && tell('warning', app.t('clock_off'), 'warn'),
      h(
        'div',
        { class: 'buttons' },
        button(app.t('lock_app'), () => app.lock(), { name: 'locked', main: true }),
        app.install && button(app.t('install'), () => app.install?.(), { name: 'home' }),
        button(app.t('language'), () => app.guard(() => app.changeLanguage()), {
          id: 'language',
          quiet: true,
        }),
        button(
          app.t('sign_out'),
          () =>
            ask(
              app,
              {
                title: app.t('sign_out'),
                lead: app.t('sign_out_ask'),
                acts: [{ words: app.t('sign_out'), danger: true }],
              },
              () => app.signOut(),
            ),
          { danger: true },
        ),
      ),
      h('p', { class: 'hint' }, app.t('about_version', { v: app.version })),
    ],
  };
}

/**
 * @param {App} app
 * @param {string} id
 * @returns {Screen | null}
 */
export function alarmScreen(app, id) {
  const alarm = app.alarms.find((one) => one.id === id);
  const client = alarm && app.client(alarm.client);
  if (!alarm || !client) return null;
  return {
    title: () => app.t('alarm_title'),
    bare: true,
    body: () => [
      h(
        'section',
        { class: 'alarm', 'aria-label': app.t('alarm_title') },
        h('h1', { tabindex: -1 }, icon('alarm'), app.t('alarm_at', { time: app.clock(alarm.at) })),
        h('p', { class: 'who' }, called(client)),
        h('p', { class: 'place' }, place(app, client)),
        client.instruction &&
          h(
            'section',
            { class: 'howin' },
            h('h2', {}, app.t('how_in')),
            h('p', {}, client.instruction),
          ),
        alarm.text && h('p', {}, alarm.text),
        h(
          'div',
          { class: 'buttons' },
          button(app.t('alarm_open'), () => app.go(`#/kund/${client.number}`), {
            main: true,
            name: 'unlocked',
          }),
          button(app.t('close'), () => app.closeAlarm(alarm.id)),
        ),
      ),
    ],
  };
}

/** What is entered about a stay, as sheets: begin, end, nobody home, declined, notes. */
import { h } from '../base/dom.js';
import { isOpen } from '../day/doors.js';
import { DEVIATIONS, EntryError, WHY_MANUAL, WHY_MISSED, WHY_UNPLANNED } from '../day/entries.js';
import { goesOn } from '../day/visits.js';
import { button, called } from './parts.js';
import { ask } from './sheet.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../app/app.js').Client} Client */
/** @typedef {import('../day/visits.js').Visit} Visit */
/** @typedef {{client: string, visit: string | null}} About */

/**
 * @param {Client} client
 * @param {Visit | null} visit
 * @returns {About}
 */
export function about(client, visit) {
  return { client: client.number, visit: visit?.id ?? null };
}

/**
 * Read labels from now on; a label of somebody else than `client` leads to them.
 * @param {App} app
 * @param {Client | null} client
 */
export function scanButton(app, client) {
  return button(app.t('start_label'), () => app.guard(() => app.labels.listen(client)), {
    name: 'label',
  });
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 * @param {import('./doorpanel.js').DoorPanel} panel  locks behind the carer who wants that
 */
export function endButton(app, client, visit, panel) {
  return button(app.t('end_visit'), () => askEnd(app, client, visit, { panel }), { name: 'check' });
}

/**
 * Which services were done; the planned ones are ticked. With the door open its lock comes with it.
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 * @param {{how?: 'label' | 'door', panel?: import('./doorpanel.js').DoorPanel}} by  what ends it
 */
export function askEnd(app, client, visit, { how, panel }) {
  const { front } = client.doors;
  const open = front !== null && isOpen(front, app.moved, app.now());
  const locks = open && panel !== undefined;
  const started = app.progressOf(about(client, visit))?.startedHow;
  const manual = how === undefined && !open && started !== 'door';
  ask(
    app,
    {
      title: app.t('what_was_done'),
      lead: visit ? app.t('untick') : undefined,
      fields: [
        {
          kind: 'many',
          name: 'services',
          legend: called(client),
          options: serviceOptions(app, visit),
          checked: visit?.services ?? [],
          more: visit?.services.length || undefined,
        },
        ...(manual ? [whyManual(app), tellMore(app)] : []),
      ],
      acts: locks
        ? [{ words: app.t('end_and_lock'), value: 'lock' }, { words: app.t('end_only') }]
        : [{ words: app.t('end_visit') }],
    },
    async (values) => {
      if (values.services.length === 0) throw new EntryError('services');
      // First of all, so that the door stays on the screen that asked.
      if (values.act === 'lock' && front)
        app.guard(() => panel?.go({ door: 'front', installation: front, command: 'lock' }));
      await app.enter('visit_end', about(client, visit), {
        how: how ?? (manual ? 'manual' : 'door'),
        services: values.services,
        reason: values.reason,
        text: values.text,
      });
      app.say(app.t('ended'));
    },
  );
}

/**
 * The door is locked behind the carer: if the stay still runs, it is over.
 * @param {App} app
 * @param {Client} client
 * @param {string | null} visit
 */
export function askWhatWasDone(app, client, visit) {
  const progress = app.progressOf({ client: client.number, visit });
  if (!goesOn(progress) || progress?.outcome) return;
  askEnd(app, client, visit === null ? null : app.visit(visit), { how: 'door' });
}

/**
 * @param {App} app
 * @param {Visit | null} visit
 * @returns {[string, string][]}
 */
function serviceOptions(app, visit) {
  const all = Object.keys(app.day?.services ?? {});
  const planned = visit?.services ?? [];
  return [...planned, ...all.filter((code) => !planned.includes(code))].map((code) => [
    code,
    app.service(code),
  ]);
}

/** @param {App} app */
function whyManual(app) {
  return /** @type {import('./sheet.js').Choice} */ ({
    kind: 'one',
    name: 'reason',
    legend: app.t('why_manual'),
    options: WHY_MANUAL.map((code) => [code, app.t(`reason_${code}`)]),
  });
}

/** @param {App} app @returns {import('./sheet.js').Text} */
function tellMore(app) {
  return { kind: 'text', name: 'text', label: app.t('tell_more'), optional: true };
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 */
export function askStart(app, client, visit) {
  ask(
    app,
    {
      title: app.t('start_manual'),
      fields: [whyManual(app), tellMore(app)],
      acts: [{ words: app.t('start_manual') }],
    },
    async ({ reason, text }) => {
      await app.enter('visit_start', about(client, visit), { how: 'manual', reason, text });
      app.say(app.t('started'));
    },
  );
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit} visit
 */
export function askMissed(app, client, visit) {
  ask(
    app,
    {
      title: app.t('missed_title'),
      fields: [
        {
          kind: 'one',
          name: 'reason',
          legend: app.t('reason'),
          options: WHY_MISSED.map((code) => [code, app.t(`reason_${code}`)]),
        },
        tellMore(app),
      ],
      acts: [{ words: app.t('confirm_missed') }],
    },
    ({ reason, text }) => undoable(app, 'missed', client, visit, { reason, text }),
  );
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit} visit
 */
export function askDeclined(app, client, visit) {
  ask(
    app,
    {
      title: app.t('declined_title'),
      fields: [tellMore(app)],
      acts: [{ words: app.t('confirm_declined') }],
    },
    ({ text }) => undoable(app, 'declined', client, visit, { text }),
  );
}

/**
 * @param {App} app
 * @param {'missed' | 'declined'} kind
 * @param {Client} client
 * @param {Visit} visit
 * @param {Record<string, any>} detail
 */
async function undoable(app, kind, client, visit, detail) {
  await app.enter(kind, about(client, visit), detail);
  app.say(app.t('registered'), {
    words: app.t('undo'),
    act: async () => {
      await app.enter('undo', about(client, visit), {});
      app.say(app.t('undone'));
    },
  });
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 */
export function askNote(app, client, visit) {
  ask(
    app,
    {
      title: app.t('note'),
      fields: [{ kind: 'text', name: 'text', label: app.t('note_field') }],
      acts: [{ words: app.t('save') }],
    },
    async ({ text }) => {
      await app.enter('note', about(client, visit), { text });
      app.say(app.t('registered'));
    },
  );
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {Visit | null} visit
 */
export function askDeviation(app, client, visit) {
  ask(
    app,
    {
      title: app.t('deviation_title'),
      fields: [
        {
          kind: 'one',
          name: 'what',
          legend: app.t('kind'),
          options: DEVIATIONS.map((code) => [code, app.t(`deviation_${code}`)]),
        },
        { kind: 'text', name: 'text', label: app.t('deviation_field') },
      ],
      acts: [{ words: app.t('save') }],
    },
    async ({ what, text }) => {
      await app.enter('deviation', about(client, visit), { what, text });
      app.say(app.t('registered'));
    },
  );
}

/**
 * @param {App} app
 * @param {Client} client
 * @param {'front' | 'entrance'} door
 */
export function askBatteries(app, client, door) {
  const installation = client.doors[door];
  ask(
    app,
    {
      title: app.t('batteries'),
      lead: app.t('batteries_ask', { door: app.t(`${door}_door`) }),
      acts: [{ words: app.t('batteries') }],
    },
    async () => {
      await app.enter('batteries', about(client, null), { installation });
      app.say(app.t('batteries_done'));
    },
  );
}

/**
 * Remarks of a stay, as they were written.
 * @param {App} app
 * @param {import('../day/visits.js').Entry[]} remarks
 */
export function remarksNode(app, remarks) {
  return (
    remarks.length > 0 &&
    h(
      'ul',
      {},
      remarks.map((one) =>
        h(
          'li',
          {},
          one.kind === 'deviation' &&
            `${app.t(/** @type {any} */ (`deviation_${one.detail.what}`))}: `,
          one.detail.text,
        ),
      ),
    )
  );
}

/**
 * Why a client's door is opened who is not among the visits; then on to it.
 * @param {App} app
 * @param {Client} client
 * @param {() => void} then
 */
export function askWhy(app, client, then) {
  ask(
    app,
    {
      title: app.t('why_open'),
      lead: app.t('why_open_lead', { name: called(client) }),
      fields: [
        {
          kind: 'one',
          name: 'reason',
          legend: app.t('reason'),
          options: WHY_UNPLANNED.map((code) => [code, app.t(`reason_${code}`)]),
        },
        tellMore(app),
      ],
      acts: [{ words: app.t('open_now') }],
    },
    async ({ reason, text }) => {
      await app.enter('unplanned', about(client, null), { reason, text });
      then();
    },
  );
}

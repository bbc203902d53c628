/** Before the day: enrolment, sign-in, the PIN, and a phone that is blocked. */
import { icon } from './icons.js';
import { fill, h } from '../base/dom.js';
import { button, tell } from './parts.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {import('../app/frame.js').Screen} Screen */

export const PIN_DIGITS = 6;

/**
 * @param {App} app
 * @returns {Screen}
 */
export function enrolScreen(app) {
  const code = h('input', {
    id: 'code',
    class: 'code',
    autocomplete: 'one-time-code',
    autocapitalize: 'characters',
    spellcheck: 'false',
    maxlength: 32,
    required: true,
    'aria-describedby': 'code-hint',
  });
  return form(app, {
    title: app.t('enrol_title'),
    lead: app.t('enrol_lead'),
    words: app.t('enrol_do'),
    fields: () => [
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'code' }, app.t('enrol_code')),
        h('p', { class: 'hint', id: 'code-hint' }, app.t('enrol_hint')),
        code,
      ),
    ],
    submit: async () => {
      await app.enrol(code.value);
      app.say(app.t('enrol_done'));
    },
  });
}

/**
 * @param {App} app
 * @returns {Screen}
 */
export function signInScreen(app) {
  const name = h('input', {
    id: 'name',
    autocomplete: 'username',
    autocapitalize: 'none',
    spellcheck: 'false',
    maxlength: 150,
    required: true,
  });
  const password = h('input', {
    id: 'password',
    type: 'password',
    autocomplete: 'current-password',
    maxlength: 256,
    required: true,
  });
  const show = h(
    'label',
    { class: 'tick' },
    h('input', {
      type: 'checkbox',
      on: {
        change: (/** @type {Event} */ event) => {
          password.type = /** @type {HTMLInputElement} */ (event.target).checked
            ? 'text'
            : 'password';
        },
      },
    }),
    app.t('signin_show'),
  );
  return form(app, {
    title: app.t('signin_title'),
    lead: app.t('signin_lead'),
    words: app.t('signin_do'),
    fields: () => [
      app.notice && tell('warning', app.notice, 'warn'),
      app.lastPerson && tell('note', app.t('signin_other_warn')),
      h('div', { class: 'field' }, h('label', { for: 'name' }, app.t('signin_name')), name),
      h(
        'div',
        { class: 'field' },
        h('label', { for: 'password' }, app.t('signin_password')),
        password,
        show,
      ),
    ],
    submit: async () => {
      await app.signIn(name.value, password.value);
      password.value = '';
    },
  });
}

/**
 * A form of one screen: its error stands above the button and is read aloud.
 * @param {App} app
 * @param {{title: string, lead: string, words: string, fields: () => import('../base/dom.js').Child[],
 *   submit: () => Promise<void>}} of
 * @returns {Screen}
 */
function form(app, of) {
  const error = h('p', { class: 'tell bad', role: 'alert', hidden: true });
  const act = h('button', { class: 'button main' }, of.words);
  const send = async () => {
    act.disabled = true;
    error.hidden = true;
    try {
      await of.submit();
    } catch (problem) {
      const words = app.wordsFor(problem);
      if (words === null) throw problem;
      fill(error, icon('warning'), h('span', {}, words));
      error.hidden = false;
    } finally {
      act.disabled = false;
    }
  };
  const body = h(
    'form',
    {
      on: {
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          app.guard(send);
        },
      },
    },
    mark(app),
    h('h1', { class: 'hero', tabindex: -1 }, of.title),
    h('p', { class: 'lead' }, of.lead),
    ...of.fields(),
    error,
    h('div', { class: 'buttons' }, act),
    button(app.t('language'), () => app.guard(() => app.changeLanguage()), {
      id: 'language',
      quiet: true,
    }),
  );
  return { title: () => of.title, bare: true, body: () => [body] };
}

/** The project's mark. @param {App} app */
function mark(app) {
  return h('img', { class: 'mark', src: `/telefon/f/${app.version}/icon.svg`, alt: '' });
}

/**
 * Six digits on a pad of our own: large, the same on every phone, no keyboard that jumps. Digits
 * of a keyboard work too.
 * @param {App} app
 * @param {{title: string, lead: string, done: (pin: string) => Promise<string | null>, more?: Node[]}} of
 *   `done` gives null, or what was wrong
 * @returns {Screen}
 */
export function pinScreen(app, of) {
  let typed = '';
  let waits = false;
  const dots = h('div', { class: 'dots', 'aria-hidden': 'true' });
  const count = h('p', { class: 'unseen', role: 'status' });
  const error = h('p', { class: 'error', role: 'alert' });
  const draw = () => {
    fill(
      dots,
      Array.from({ length: PIN_DIGITS }, (_, at) =>
        h('span', { class: at < typed.length ? 'set' : '' }),
      ),
    );
    fill(count, typed ? app.t('pin_digits', { n: typed.length }) : '');
  };
  const add = (/** @type {string} */ digit) =>
    app.guard(async () => {
      if (waits) return;
      fill(error);
      typed = digit === '' ? typed.slice(0, -1) : (typed + digit).slice(0, PIN_DIGITS);
      draw();
      if (typed.length < PIN_DIGITS) return;
      waits = true;
      try {
        const wrong = await of.done(typed);
        if (wrong) fill(error, wrong);
      } finally {
        typed = '';
        waits = false;
        draw();
      }
    });
  const onKey = (/** @type {KeyboardEvent} */ event) => {
    if (/^[0-9]$/.test(event.key)) add(event.key);
    else if (event.key === 'Backspace') add('');
  };
  const key = (/** @type {string} */ digit) =>
    h('button', { type: 'button', on: { click: () => add(digit) } }, digit);
  draw();
  document.addEventListener('keydown', onKey);
  const body = h(
    'section',
    { class: 'pin' },
    h('h1', { class: 'hero', tabindex: -1 }, of.title),
    h('p', { class: 'lead' }, of.lead),
    dots,
    count,
    error,
    h(
      'div',
      { class: 'pad' },
      ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(key),
      h('span'),
      key('0'),
      h(
        'button',
        { type: 'button', class: 'tool', on: { click: () => add('') } },
        app.t('pin_delete'),
      ),
    ),
    ...(of.more ?? []),
  );
  return {
    title: () => of.title,
    bare: true,
    body: () => [body],
    leave: () => document.removeEventListener('keydown', onKey),
  };
}

/**
 * The PIN that reopens the app.
 * @param {App} app
 */
export function lockedScreen(app) {
  return pinScreen(app, {
    title: app.t('pin_title'),
    lead: app.notice || app.t('pin_lead'),
    done: (pin) => app.reopen(pin),
    more: [
      h(
        'div',
        { class: 'buttons' },
        button(app.t('signin_other'), () => app.somebodyElse(), { quiet: true }),
      ),
    ],
  });
}

/**
 * A PIN of one's own, twice.
 * @param {App} app
 */
export function newPinScreen(app) {
  let first = '';
  const screen = pinScreen(app, {
    title: app.t('pin_new'),
    lead: app.t('pin_new_lead'),
    done: async (pin) => {
      if (!first) {
        if (isSimple(pin)) return app.t('pin_simple');
        first = pin;
        return app.t('pin_again');
      }
      const same = pin === first;
      first = '';
      if (!same) return app.t('pin_differs');
      await app.choosePin(pin);
      return null;
    },
  });
  return screen;
}

/**
 * Whether all digits are alike or follow each other: the first that anybody tries.
 * @param {string} pin
 */
export function isSimple(pin) {
  const steps = [...pin].slice(1).map((digit, at) => Number(digit) - Number(pin[at]));
  return steps.every((step) => step === steps[0]) && Math.abs(steps[0]) <= 1;
}

/**
 * @param {App} app
 * @returns {Screen}
 */
export function blockedScreen(app) {
  return {
    title: () => app.t('blocked_title'),
    bare: true,
    body: () => [
      h('h1', { class: 'hero', tabindex: -1 }, app.t('blocked_title')),
      h('p', { class: 'lead' }, app.notice || app.t('blocked_lead')),
      h(
        'div',
        { class: 'buttons' },
        button(app.t('blocked_enrol'), () => app.startAnew()),
      ),
    ],
  };
}

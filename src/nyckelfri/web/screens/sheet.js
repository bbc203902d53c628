/**
 * A sheet from below with one question: choices, a text, a confirmation.
 *
 * House rules: a native dialog, so that focus, Escape and the screen reader's order are the
 * browser's own; what is typed stays until it is stored or the sheet is given up; what is missing
 * is said at its field.
 */
import { fill, h } from '../base/dom.js';
import { EntryError } from '../day/entries.js';
import { button } from './parts.js';

/** @typedef {import('../app/app.js').App} App */
/** @typedef {{name: string, legend: string, kind: 'one' | 'many', options: [string, string][], checked?: string[], more?: number}} Choice
 *   `more`: so many of the options are shown, the others when somebody asks for them */
/** @typedef {{name: string, label: string, kind: 'text', optional?: boolean}} Text */
/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} [lead]
 * @property {(Choice | Text)[]} [fields]
 * @property {{words: string, value?: string, danger?: boolean}[]} acts  the first is the main one
 */

/**
 * Ask, and call `answer` with the values (`act` says which button); a sheet that was given up
 * calls nothing. EntryError from `answer` is shown at its field, and the sheet stays.
 * @param {App} app
 * @param {Question} question
 * @param {(values: Record<string, any>) => unknown} answer
 */
export function ask(app, question, answer) {
  const fields = (question.fields ?? []).map((field) => ({ field, node: fieldNode(app, field) }));
  const dialog = h('dialog', { 'aria-labelledby': 'sheet-title' });
  const given = async (/** @type {string} */ act) => {
    for (const { node } of fields) mark(node, '');
    try {
      await answer({
        ...Object.fromEntries(fields.map(({ field, node }) => [field.name, read(field, node)])),
        act,
      });
      dialog.close();
    } catch (error) {
      if (!(error instanceof EntryError)) throw error;
      const at = fields.find(({ field }) => field.name === error.field) ?? fields[0];
      if (!at) throw error;
      mark(at.node, app.t(missing(at.field, at.node)));
      /** @type {HTMLElement | null} */ (at.node.querySelector('input, textarea'))?.focus();
    }
  };
  fill(
    dialog,
    h(
      'form',
      {
        method: 'dialog',
        novalidate: true,
        on: { submit: (/** @type {Event} */ event) => event.preventDefault() },
      },
      h('h2', { id: 'sheet-title' }, question.title),
      question.lead && h('p', { class: 'lead' }, question.lead),
      fields.map(({ node }) => node),
      h(
        'div',
        { class: 'buttons' },
        question.acts.map((act, index) =>
          button(act.words, () => app.guard(() => given(act.value ?? '')), {
            main: index === 0 && !act.danger,
            danger: act.danger,
          }),
        ),
        button(app.t('cancel'), () => dialog.close()),
      ),
    ),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/**
 * @param {App} app
 * @param {Choice | Text} field
 */
function fieldNode(app, field) {
  const error = h('p', { class: 'error', id: `${field.name}-error`, hidden: true });
  if (field.kind === 'text') {
    return h(
      'div',
      { class: 'field' },
      h(
        'label',
        { for: `field-${field.name}` },
        field.label,
        field.optional && h('small', {}, ` (${app.t('optional')})`),
      ),
      error,
      h('textarea', { id: `field-${field.name}`, rows: 3, 'aria-describedby': error.id }),
    );
  }
  const shown = field.options.slice(0, field.more ?? field.options.length);
  const rest = field.options.slice(shown.length);
  return h(
    'fieldset',
    { class: 'field', 'aria-describedby': error.id },
    h('legend', {}, field.legend),
    error,
    h(
      'div',
      { class: 'choice' },
      shown.map((option) => optionNode(field, option)),
      rest.length > 0 &&
        h(
          'details',
          {},
          h('summary', {}, app.t('more_services')),
          h(
            'div',
            { class: 'choice' },
            rest.map((option) => optionNode(field, option)),
          ),
        ),
    ),
  );
}

/**
 * @param {Choice} field
 * @param {[string, string]} option
 */
function optionNode(field, [value, words]) {
  return h(
    'label',
    {},
    h('input', {
      type: field.kind === 'one' ? 'radio' : 'checkbox',
      name: field.name,
      value,
      checked: (field.checked ?? []).includes(value),
    }),
    h('span', {}, words),
  );
}

/**
 * What to say of a field that cannot be kept as it is.
 * @param {Choice | Text} field
 * @param {HTMLElement} node
 */
function missing(field, node) {
  if (field.kind === 'many') return 'nothing_done';
  if (field.kind === 'one') return 'error_choose';
  const { length } = String(read(field, node)).trim();
  return length === 0 ? 'error_write' : 'error_too_long';
}

/**
 * @param {Choice | Text} field
 * @param {HTMLElement} node
 */
function read(field, node) {
  if (field.kind === 'text') return node.querySelector('textarea')?.value ?? '';
  const checked = [...node.querySelectorAll('input')]
    .filter((one) => one.checked)
    .map((one) => one.value);
  return field.kind === 'one' ? checked[0] : checked;
}

/**
 * @param {HTMLElement} node
 * @param {string} words
 */
function mark(node, words) {
  const error = /** @type {HTMLElement} */ (node.querySelector('.error'));
  node.classList.toggle('wrong', words !== '');
  error.hidden = words === '';
  fill(error, words);
}

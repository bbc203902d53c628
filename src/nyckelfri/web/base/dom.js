/**
 * Building the page: elements from plain values, never from text with markup in it.
 *
 * House rules: a string becomes a text node and nothing else; an attribute that would run script
 * cannot be set; whatever a person or the server wrote is therefore shown and never interpreted.
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/**
 * @typedef {object} Attributes
 * @property {string} [class]
 * @property {Record<string, (event: any) => unknown>} [on]  listeners by event name
 * @property {Record<string, string>} [data]  `data-` attributes
 * @property {Record<string, string | number>} [vars]  custom properties of CSS, without the dashes
 */

const SVG = 'http://www.w3.org/2000/svg';
const REFUSED = /^(on|style$|srcdoc$|formaction$)/i;
const ADDRESSES = new Set(['href', 'src', 'action']);
const SAFE_ADDRESS = /^(#|\/(?!\/)|tel:[+0-9 -]*$|https:\/\/)/;

/**
 * An element. `true` sets an attribute without a value; `false`, `null` and `undefined` leave it out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Attributes & Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const { on = {}, data = {}, vars = {}, ...rest } = attributes;
  for (const [name, value] of Object.entries(rest)) setAttribute(element, name, value);
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  for (const [name, value] of Object.entries(data)) element.dataset[name] = value;
  for (const [name, value] of Object.entries(vars)) {
    element.style.setProperty(`--${name}`, String(value));
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {unknown} value
 */
function setAttribute(element, name, value) {
  if (REFUSED.test(name)) throw new TypeError(`${name} is not set from values`);
  if (value === false || value === null || value === undefined) return;
  const text = value === true ? '' : String(value);
  if (ADDRESSES.has(name.toLowerCase()) && !SAFE_ADDRESS.test(text)) {
    throw new TypeError('an address that leads out of the app');
  }
  element.setAttribute(name, text);
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  /** @type {(Node | string)[]} */
  const found = [];
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    found.push(child instanceof Node ? child : String(child));
  }
  return found;
}

/**
 * Put other content in an element. What stands there already is not touched: a button that is put
 * in its own place while a finger is on it loses the tap.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) {
  const wanted = nodes(children);
  const before = [...element.childNodes];
  if (wanted.length === before.length && wanted.every((node, at) => node === before[at])) return;
  element.replaceChildren(...wanted);
}

/**
 * A drawing in lines of 24 by 24, hidden from screen readers: words stand beside it.
 * @param {string} path
 * @param {string} [className]
 */
export function drawing(path, className = 'icon') {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const line = document.createElementNS(SVG, 'path');
  line.setAttribute('d', path);
  svg.append(line);
  return svg;
}

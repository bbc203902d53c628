/** The drawings of the app, as paths on a square of 24. House rule: each is told by words too. */
import { drawing } from '../base/dom.js';

const PATHS = Object.freeze({
  alarm: 'M6 16V11a6 6 0 0 1 12 0v5l2 2H4zM10 21h4',
  back: 'M15 5l-7 7 7 7',
  battery: 'M3 8h15v8H3zM21 11v2M6 11v2',
  call: 'M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A15 15 0 0 1 3 6a2 2 0 0 1 2-2',
  check: 'M4 12.5l5.5 5.5L20 7',
  cloud:
    'M7 18a4 4 0 0 1 .5-8A6 6 0 0 1 19 11.5 3.3 3.3 0 0 1 18 18zM12 15V10M9.5 12L12 9.5 14.5 12',
  cross: 'M6 6l12 12M18 6L6 18',
  door: 'M6 21V3h12v18M3 21h18M14.5 12v.01',
  forward: 'M9 5l7 7-7 7',
  home: 'M4 11l8-7 8 7v9H4zM10 20v-6h4v6',
  label:
    'M4 12a8 8 0 0 1 2.5-5.8M20 12a8 8 0 0 0-2.5-5.8M8 12a4 4 0 0 1 1.2-2.9M16 12a4 4 0 0 0-1.2-2.9M12 12v8',
  locked: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 7 0V11',
  menu: 'M4 7h16M4 12h16M4 17h16',
  note: 'M6 3h9l4 4v14H6zM9 11h7M9 15h7',
  people:
    'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14.5a6.5 6.5 0 0 1 3.5 5.5',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14M16.5 16.5L21 21',
  unlocked: 'M6 11h12v9H6zM8.5 11V7.5a3.5 3.5 0 0 1 6.8-1.2',
  warning: 'M12 3.5L22 20H2zM12 10v4.5M12 17.2v.01',
});

/** @typedef {keyof typeof PATHS} IconName */

/**
 * @param {IconName} name
 * @param {string} [className]
 */
export function icon(name, className) {
  return drawing(PATHS[name], className);
}

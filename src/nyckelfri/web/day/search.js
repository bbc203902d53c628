/**
 * Finding a client among those whose doors this phone may open.
 *
 * House rules: pure; nothing is looked up anywhere else, so nothing that is typed leaves the phone.
 */

/** @typedef {{number: string, name: string, address: string, apartment: string}} Findable */

export const AT_MOST = 20;

/**
 * Clients in whom each typed word begins a word of name, address, apartment or number; by name.
 * @template {Findable} T
 * @param {T[]} clients
 * @param {string} typed
 * @returns {T[]}
 */
export function search(clients, typed) {
  const words = wordsOf(typed);
  if (words.length === 0) return [];
  return clients
    .filter((client) => {
      const said = wordsOf(`${client.name} ${client.address} ${client.apartment} ${client.number}`);
      return words.every((word) => said.some((one) => one.startsWith(word)));
    })
    .sort((one, other) => one.name.localeCompare(other.name, 'sv'))
    .slice(0, AT_MOST);
}

/** @param {string} text */
function wordsOf(text) {
  // Without accents, so that "Kerstin Bjork" on a hurried keyboard finds "Kerstin Björk".
  return text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

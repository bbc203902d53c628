/**
 * What a label in a home says: its id, and with a label that signs, its proof.
 *
 * House rules: pure; an address that is not a label of this server reads as nothing; whether a
 * proof holds, only the server knows.
 */

/** @typedef {{label: string, picc?: string, mac?: string}} Reading */

const PATH = /^\/telefon\/etikett\/([A-Za-z0-9_-]{1,32})$/;
const PICC = /^[0-9A-Fa-f]{32}$/;
const MAC = /^[0-9A-Fa-f]{16}$/;
const LONGEST = 256;

/**
 * The reading behind an address, or null. A proof that is not whole is left out: the server then
 * sees a label that should have signed and has not.
 * @param {string} address
 * @param {string} origin  of the app
 * @returns {Reading | null}
 */
export function readLabel(address, origin) {
  if (address.length > LONGEST) return null;
  let url;
  try {
    url = new URL(address, origin);
  } catch {
    return null;
  }
  const found = url.origin === origin ? PATH.exec(url.pathname) : null;
  if (!found) return null;
  const picc = url.searchParams.get('p') ?? '',
    mac = url.searchParams.get('c') ?? '';
  if (!PICC.test(picc) || !MAC.test(mac)) return { label: found[1] };
  return { label: found[1], picc: picc.toLowerCase(), mac: mac.toLowerCase() };
}

/**
 * Whose label it is, among those of the day; null for a label of nobody here.
 * @template {{labels: {id: string}[]}} T
 * @param {string} label
 * @param {T[]} clients
 * @returns {T | null}
 */
export function clientOf(label, clients) {
  return clients.find((client) => client.labels.some((one) => one.id === label)) ?? null;
}

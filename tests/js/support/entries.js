// What the app lets somebody enter, for a comparison with what the server takes.
import * as entries from '../../../src/nyckelfri/web/day/entries.js';

const { WHY_MANUAL, WHY_MISSED, WHY_UNPLANNED, DEVIATIONS, FAULTS, KINDS } = entries;
console.log(
  JSON.stringify({
    kinds: Object.keys(KINDS),
    manual: WHY_MANUAL,
    missed: WHY_MISSED,
    unplanned: WHY_UNPLANNED,
    deviates: DEVIATIONS,
    fault: FAULTS,
  }),
);

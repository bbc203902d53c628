/** Prints the numbers that JavaScript and Python must have alike, as JSON. */

import {
  Command,
  Mark,
  MotorResult,
  Reason,
  Scope,
  Taken,
  Type,
  advert,
  bulletins,
  framing,
  grants,
  healsAtTheDoor,
  keyset,
  receipts,
} from '../../../src/nyckelfri/web/door/index.js';
import { MAX_RECORD } from '../../../src/nyckelfri/web/door/courier.js';
import { MAX_PAYLOAD } from '../../../src/nyckelfri/web/door/signed.js';
import { LONGEST, MAX_MISSES } from '../../../src/nyckelfri/web/phone/account.js';
import * as client from '../../../src/nyckelfri/web/phone/client.js';
import * as errand from '../../../src/nyckelfri/web/phone/errand.js';
import * as opening from '../../../src/nyckelfri/web/phone/opening.js';
import * as outbox from '../../../src/nyckelfri/web/phone/outbox.js';
import * as sync from '../../../src/nyckelfri/web/phone/sync.js';
import { STAY } from '../../../src/nyckelfri/web/phone/values.js';
import { MAX_TRIES } from '../../../src/nyckelfri/web/phone/vault.js';
import { PROTOCOL } from '../../../src/nyckelfri/web/phone/wire.js';

const heals = Object.entries(Reason).filter(([, reason]) => healsAtTheDoor(reason));
const numbers = {
  reasons: Reason,
  heals: heals.map(([name]) => name),
  commands: Command,
  scopes: Scope,
  records: Type,
  marks: Mark,
  motor: MotorResult,
  taken: Taken,
  purposes: keyset.Purpose,
  uuids: [framing.SERVICE_UUID, framing.TO_LOCK_UUID, framing.TO_PHONE_UUID],
  air: [advert.COMPANY_ID, advert.HOUR, advert.PAYLOAD_BYTES, advert.NEAR, advert.WIDE],
  types: [keyset.TYP, bulletins.TYP, bulletins.TIME_TYP, receipts.RECEIPT_TYP],
  limits: [
    framing.MAX_MESSAGE,
    framing.MAX_PIECE,
    keyset.MAX_KEYS,
    keyset.MAX_ROOT_KEYS,
    bulletins.MAX_REVOCATIONS,
    bulletins.NONCE_BYTES,
    grants.GRANT_BYTES,
    receipts.MAX_BATCH,
    receipts.MAX_BATCH_ENTRIES,
    MAX_RECORD,
    MAX_PAYLOAD,
  ],
  phone: [MAX_TRIES, LONGEST, MAX_MISSES, STAY, PROTOCOL, client.MAX_ANSWER, client.TIMEOUT],
  errand: [
    errand.WHOLE,
    errand.ANSWER_WITHIN,
    errand.OUTCOME_WITHIN,
    errand.TIME_WITHIN,
    errand.FAR_OFF,
    errand.MAX_BATCHES,
    opening.MESSAGE_2_WITHIN,
    opening.MESSAGE_4_WITHIN,
  ],
  outbox: [
    outbox.MAX_BATCHES,
    sync.MOST.batches,
    sync.MOST.openings,
    sync.MOST.batchBytes,
    sync.MAX_REQUESTS,
  ],
};
process.stdout.write(JSON.stringify(numbers));

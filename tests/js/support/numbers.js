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
};
process.stdout.write(JSON.stringify(numbers));

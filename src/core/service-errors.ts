/** Errors of what the gateway has to do with services of AWS: rows of the catalogue. */
import { type ErrorRow, row } from "./error-row.ts";

/** See `errors.ts`. */
export const SERVICE_ERRORS = {
  A2A_PROTOCOL: row(
    500,
    "upstream",
    true,
    "The peer of an A2A voice session did not keep to the protocol.",
  ),
  CONTACT_KNOWN: row(409, "caller", false, "The contact is listened to already."),
  STREAM_UNREACHABLE: row(503, "upstream", true, "A Kinesis Video stream could not be read."),
  STREAM_REFUSED: row(
    403,
    "operator",
    false,
    "A Kinesis Video stream may not be read, or is not there.",
  ),
  STREAM_BROKEN: row(
    500,
    "upstream",
    true,
    "A Kinesis Video stream holds something that is no Matroska audio.",
  ),
  PROVISION_REFUSED: row(
    500,
    "operator",
    false,
    "The service that trunks are provisioned with refused a request.",
  ),
  FLOW_REFUSED: row(500, "operator", false, "Amazon Connect does not take a contact flow."),
  PROVISION_UNREACHABLE: row(
    503,
    "upstream",
    true,
    "The service that trunks are provisioned with gave no answer.",
  ),
} as const satisfies Record<string, ErrorRow>;

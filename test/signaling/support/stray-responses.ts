/** Responses that nobody waits for or that nobody can read, with what each is counted as. */
import type { CounterName } from "../../../src/signaling/embedded/counters.ts";
import { oddMessage as message } from "./odd-message.ts";

const OK = "SIP/2.0 200 OK";
const TO = "To: <sip:bert@example.org>;tag=b1";

/** What is odd, the message, the counter. */
export const STRAY_RESPONSES: readonly (readonly [string, string, CounterName])[] = [
  ["that answers nothing of ours", message(OK, { to: TO }), "droppedStrayResponse"],
  ["without a reason", message("SIP/2.0 100 ", { to: TO }), "droppedStrayResponse"],
  ["without even the space", message("SIP/2.0 100", { to: TO }), "droppedStrayResponse"],
  [
    "with a reason in another script",
    message("SIP/2.0 200 Всё", { to: TO }),
    "droppedStrayResponse",
  ],
  ["of an unknown status", message("SIP/2.0 299 Odd", { to: TO }), "droppedStrayResponse"],
  ["of a status beyond all", message("SIP/2.0 4294967301 Big"), "droppedNotSip"],
  ["of a status of two digits", message("SIP/2.0 20 Short"), "droppedNotSip"],
  ["of status 000", message("SIP/2.0 000 None"), "droppedNotSip"],
  ["of another version", message("SIP/3.0 200 OK"), "droppedNotSip"],
  [
    "for somebody else, two Vias",
    message(OK, { via: "Via: SIP/2.0/UDP a, SIP/2.0/UDP b" }),
    "droppedStrayResponse",
  ],
  ["without a Via", message(OK, { via: "" }), "droppedMalformed"],
  [
    "with numbers beyond all",
    message(OK, { sequence: "CSeq: 9292394834772304023312 OPTIONS" }),
    "droppedMalformed",
  ],
  [
    "with two sequence numbers",
    message(OK, { sequence: "CSeq: 1 A\r\nCSeq: 2 B" }),
    "droppedMalformed",
  ],
  ["with a NUL", message(OK, { more: "Server: a\0b" }), "droppedMalformed"],
  ["with too little body", message(OK, { length: "l: 5" }), "droppedMalformed"],
];

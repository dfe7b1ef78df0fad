/** Keys that a peer reports by SIP INFO instead of RTP: `application/dtmf-relay` and `application/dtmf`. */

/** Some senders write the event's code; RFC 4733 §3.2 DTMF Events. */
const EVENT_CODES: ReadonlyMap<string, string> = new Map([
  ["10", "*"],
  ["11", "#"],
  ["12", "A"],
  ["13", "B"],
  ["14", "C"],
  ["15", "D"],
]);

/** The digit of an INFO body; `undefined` when it holds none. */
export function digitOfInfo(contentType: string, body: string): string | undefined {
  const type = contentType.split(";")[0]?.trim().toLowerCase();
  if (type === "application/dtmf-relay") {
    return digitOf(/^\s*Signal\s*=\s*(\S+)/im.exec(body)?.[1]);
  }
  if (type === "application/dtmf") {
    return digitOf(body.trim());
  }
  return undefined;
}

function digitOf(text: string | undefined): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const digit = EVENT_CODES.get(text) ?? text.toUpperCase();
  return /^[0-9*#A-D]$/.test(digit) ? digit : undefined;
}

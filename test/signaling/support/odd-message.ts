/** SIP messages that are odd in one place, for the torture tests. */

/** The headers every request needs; `replacing` puts others in their place, by the first word of the line. */
export function oddMessage(
  startLine: string,
  replacing: Readonly<Record<string, string>> = {},
  body = "",
): string {
  const method = startLine.split(" ")[0] ?? "";
  const usual: Record<string, string> = {
    via: "Via: SIP/2.0/UDP pbx.example.org:5061;branch=z9hG4bKodd1",
    from: "From: <sip:anna@example.org>;tag=a1",
    to: "To: <sip:bert@example.org>",
    callId: "Call-ID: odd-1@example.org",
    sequence: `CSeq: 7 ${method === "SIP/2.0" ? "OPTIONS" : method}`,
    hops: "Max-Forwards: 70",
    contact: "Contact: <sip:anna@192.0.2.9>",
    more: "",
    length: `Content-Length: ${Buffer.byteLength(body)}`,
  };
  const lines = Object.values({ ...usual, ...replacing }).filter((line) => line !== "");
  return `${[startLine, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

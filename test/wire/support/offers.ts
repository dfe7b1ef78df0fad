/** Session descriptions that are right, strange, or wrong, for calls that a test makes by hand. */

/** A plain offer of `rtpPort`, with lines replaced: the first pattern that a line matches. */
export function offerWith(rtpPort: number, ...changes: readonly (readonly [RegExp, string])[]) {
  let text = [
    "v=0",
    "o=- 1 1 IN IP4 127.0.0.1",
    "s=-",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=audio ${rtpPort} RTP/AVP 0 8`,
    "a=sendrecv",
    "",
  ].join("\r\n");
  for (const [pattern, by] of changes) {
    text = text.replace(pattern, by);
  }
  return text;
}

const M_LINE = /m=audio.*\r\n/;
const C_LINE = /c=.*\r\n/;

/** What an offer is like, what an INVITE with it is answered, and its body. */
export const STRANGE_OFFERS: readonly (readonly [string, number, string])[] = [
  ["is in order", 200, offerWith(39_990)],
  ["has no common codec", 488, offerWith(39_990, [/ 0 8/, " 18 4 96"])],
  [
    "calls another codec by a number of ours",
    488,
    offerWith(39_990, [/ 0 8\r\n/, " 0\r\na=rtpmap:0 opus/48000/2\r\n"]),
  ],
  ["has no m-line", 488, offerWith(39_990, [M_LINE, ""])],
  ["has video only", 488, offerWith(39_990, [/audio/, "video"])],
  ["has SRTP only", 488, offerWith(39_990, [/RTP\/AVP/, "RTP/SAVP"])],
  ["has its only stream at port 0", 488, offerWith(0)],
  ["has port 65536", 400, offerWith(65_536)],
  ["has port 99999", 400, offerWith(99_999)],
  ["has port -1", 400, offerWith(-1)],
  ["has a word for a port", 400, offerWith(39_990, [/39990/, "voice"])],
  ["has port 65535, which leaves none for RTCP", 200, offerWith(65_535)],
  ["has 9 m-lines", 488, offerWith(39_990, [M_LINE, "m=audio 39990 RTP/AVP 0\r\n".repeat(9)])],
  ["has 8 m-lines", 200, offerWith(39_990, [M_LINE, "m=audio 39990 RTP/AVP 0\r\n".repeat(8)])],
  ["has a private address", 200, offerWith(39_990, [C_LINE, "c=IN IP4 10.255.255.1\r\n"])],
  [
    "has the address 0.0.0.0, the hold of RFC 2543",
    200,
    offerWith(39_990, [C_LINE, "c=IN IP4 0.0.0.0\r\n"]),
  ],
  ["has a name for an address", 400, offerWith(39_990, [C_LINE, "c=IN IP4 phone.example\r\n"])],
  ["has no address", 400, offerWith(39_990, [C_LINE, ""])],
  [
    "has a multicast address with a TTL",
    400,
    offerWith(39_990, [C_LINE, "c=IN IP4 224.2.1.1/127\r\n"]),
  ],
  ["has a multicast address", 400, offerWith(39_990, [C_LINE, "c=IN IP4 224.2.1.1\r\n"])],
  ["has the broadcast address", 400, offerWith(39_990, [C_LINE, "c=IN IP4 255.255.255.255\r\n"])],
  ["has half an address", 400, offerWith(39_990, [C_LINE, "c=IN IP4 127.0\r\n"])],
  ["has no v-line", 400, offerWith(39_990, [/v=0\r\n/, ""])],
  ["has no o-line", 400, offerWith(39_990, [/o=.*\r\n/, ""])],
  ["has a NUL", 200, offerWith(39_990, [/s=-/, "s=a\0b"])],
  ["has a ptime of 9999", 200, offerWith(39_990, [/a=sendrecv/, "a=ptime:9999"])],
  ["has a ptime of 0", 200, offerWith(39_990, [/a=sendrecv/, "a=ptime:0"])],
  ["has 1100 lines", 400, offerWith(39_990, [/a=sendrecv\r\n/, "a=x\r\n".repeat(1100)])],
  ["is no SDP", 400, "hello"],
  ["is cut short within its m-line", 400, offerWith(39_990).slice(0, 70)],
];

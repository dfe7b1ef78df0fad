/** What no honest peer sends: whole messages bent in every way, and bytes of other protocols; the same for each seed. */

import { MALFORMED } from "../../signaling/support/malformed-requests.ts";
import { STRAY_RESPONSES } from "../../signaling/support/stray-responses.ts";
import { WELL_FORMED } from "../../signaling/support/well-formed-requests.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { SDP } from "./peer-call.ts";

const METHODS = ["INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "INFO", "UPDATE", "REGISTER"];
const NUMBERS = ["-1", "0", "99999999999999999999", "4294967296", "1e9", "NaN", "٣"];
const URIS = ["*", "tel:+15550100", "sip:", "sip:@", "<>", "sip:a@[::1", "sip:%00@x", "data:,"];
const TORTURE: readonly string[] = [...WELL_FORMED, ...MALFORMED, ...STRAY_RESPONSES].map(
  ([, text]) => text,
);
const OTHER_PROTOCOLS = [
  Buffer.from("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
  Buffer.from("000100002112a442000000000000000000000000", "hex"),
  Buffer.from("16030100c8010000c40303", "hex"),
  Buffer.concat([Buffer.from("80000001000000a012345678", "hex"), Buffer.alloc(160, 0x55)]),
  Buffer.from("\0\0\0\0"),
  Buffer.alloc(0),
];

/** Makes them, one after the other. */
export class HostileSip {
  readonly #random: SeededRandom;
  readonly #serverPort: number;
  readonly #ownPort: number;
  #serial = 0;

  constructor(seed: number, ports: { readonly server: number; readonly own: number }) {
    this.#random = new SeededRandom(seed);
    this.#serverPort = ports.server;
    this.#ownPort = ports.own;
  }

  /** At most 65,507 bytes, usually less than 1,500. */
  next(): Buffer {
    const kind = this.#below(10);
    if (kind === 0) {
      return this.#randomBytes(1 + this.#below(600));
    }
    if (kind === 1) {
      return this.#pick(OTHER_PROTOCOLS);
    }
    return this.#mutated(this.#below(3) === 0 ? this.#torture() : this.#message());
  }

  /** A stream of 1 to 4 messages, mostly bent, and where it is cut into pieces, in ascending order. */
  nextStream(): { readonly bytes: Buffer; readonly cuts: readonly number[] } {
    const messages = Array.from({ length: 1 + this.#below(4) }, () =>
      this.#below(3) === 0 ? Buffer.from(this.#message()) : this.next(),
    );
    const bytes = Buffer.concat(messages);
    const cuts = Array.from({ length: this.#below(5) }, () => this.#below(bytes.length));
    return { bytes, cuts: cuts.sort((a, b) => a - b) };
  }

  /** How a stream ends. */
  nextEnding(): "end" | "reset" | "hold" {
    return this.#pick(["end", "reset", "hold"] as const);
  }

  #mutated(text: string): Buffer {
    let bytes = Buffer.from(this.#bentText(text));
    for (let edits = this.#below(4); edits > 0; edits -= 1) {
      bytes = this.#edited(bytes);
    }
    return bytes.subarray(0, 65_507);
  }

  /** A torture message under a name of its own, so that it is no repetition. */
  #torture(): string {
    this.#serial += 1;
    return this.#pick(TORTURE).replaceAll(/odd-?\d/g, `odd${this.#serial}`);
  }

  #message(): string {
    this.#serial += 1;
    const id = `${this.#serial}-${this.#random.hex(4)}`;
    const from = `127.0.0.1:${this.#ownPort}`;
    const isResponse = this.#below(8) === 0;
    const method = this.#pick(METHODS);
    const body = method === "INVITE" ? SDP(39_998) : "";
    const start = isResponse
      ? `SIP/2.0 ${this.#below(800)} Whatever`
      : `${method} sip:agent@127.0.0.1:${this.#serverPort} SIP/2.0`;
    return [
      start,
      `Via: SIP/2.0/UDP ${from};branch=z9hG4bK${id}`,
      "Max-Forwards: 70",
      `From: <sip:hostile@${from}>;tag=h${id}`,
      `To: <sip:agent@127.0.0.1:${this.#serverPort}>`,
      `Call-ID: hostile-${id}`,
      `CSeq: 1 ${method}`,
      `Contact: <sip:hostile@${from}>`,
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${body.length}`,
      "",
      body,
    ].join("\r\n");
  }

  #bentText(text: string): string {
    switch (this.#below(12)) {
      case 0:
        return text.slice(0, this.#below(text.length));
      case 1:
        return text.replace(/^Contact: .*$/m, `Contact: ${this.#pick(URIS)}`);
      case 2:
        return text.replace(/sip:agent@\S+/, this.#pick(URIS));
      case 3:
        return text.replace(/\r\n\r\n/, `\r\n${"X-Many: 1\r\n".repeat(500)}\r\n`);
      case 4:
        return text.replace(/^Content-Length: .*$/m, `Content-Length: ${this.#pick(NUMBERS)}`);
      case 5:
        return text.replace(/^CSeq: 1/m, `CSeq: ${this.#pick(NUMBERS)}`);
      case 6:
        return text.replace(/^To: .*$/m, `To: "${"\\".repeat(this.#below(300))}`);
      case 7:
        return text.replace(/\r\n/g, this.#pick(["\n", "\r", "\r\n ", "\0\r\n"]));
      case 8:
        return `${text}${"a=x\r\n".repeat(this.#below(8000))}`;
      case 9:
        return text.replace(/^Via: .*$/m, `Via: ${"SIP/2.0/UDP x,".repeat(this.#below(200))}`);
      default:
        return text;
    }
  }

  #edited(bytes: Buffer): Buffer<ArrayBuffer> {
    const at = this.#below(bytes.length + 1);
    const end = Math.min(bytes.length, at + this.#below(40));
    switch (this.#below(4)) {
      case 0:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(end)]);
      case 1:
        return Buffer.concat([bytes.subarray(0, end), bytes.subarray(at)]);
      case 2:
        return Buffer.concat([
          bytes.subarray(0, at),
          this.#randomBytes(end - at),
          bytes.subarray(end),
        ]);
      default:
        return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1), bytes.subarray(at)]);
    }
  }

  #randomBytes(count: number): Buffer<ArrayBuffer> {
    return Buffer.from(this.#random.hex(count), "hex");
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  #below(limit: number): number {
    return limit === 0 ? 0 : this.#random.uint32() % limit;
  }
}

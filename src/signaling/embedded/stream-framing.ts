/** Cuts a byte stream into SIP messages by Content-Length. RFC 3261 section 18.3, Framing. */
import { ByteQueue } from "./byte-queue.ts";
import { digitsOf } from "./characters.ts";
import { SIP_LIMITS } from "./limits.ts";

/** Hears what is in the stream. */
export interface StreamListener {
  /** One whole message; the bytes are the listener's. */
  onMessage(bytes: Buffer): void;
  /** The head of a message that is larger than what is taken; its body is never kept. */
  onOversized(head: Buffer): void;
  /** A double line end between messages: the peer wants a sign of life. RFC 5626 section 3.5.1, CRLF Keep-Alive Technique. */
  onPing(): void;
}

/** Why the rest of a stream cannot be understood. */
export type StreamFault = "tooBig" | "badFraming";

const LINE_END = Buffer.from("\r\n");
const HEAD_END = Buffer.from("\r\n\r\n");

/** One per connection. After a fault it must not be used any more. */
export class StreamFramer {
  readonly #queue = new ByteQueue();
  readonly #listener: StreamListener;
  /** Up to where the queue was searched for the end of the headers. */
  #searched = 0;
  /** The whole length of the message at the front, once its headers are complete. */
  #messageBytes: number | undefined;
  /** What is still to come of a message that is too large. */
  #skipBytes = 0;

  constructor(listener: StreamListener) {
    this.#listener = listener;
  }

  /** Bytes of a message that is not complete yet. */
  get waiting(): number {
    return this.#queue.length + this.#skipBytes;
  }

  /** Takes what arrived; any split is fine. Returns a fault when the connection has to be closed. */
  push(chunk: Buffer): StreamFault | undefined {
    const skipped = Math.min(chunk.length, this.#skipBytes);
    this.#skipBytes -= skipped;
    this.#queue.append(chunk.subarray(skipped));
    for (;;) {
      if (this.#messageBytes === undefined) {
        this.#skipLineEnds();
        const queuedBytes = this.#queue.length;
        const fault = this.#measure();
        if (fault !== undefined) {
          return fault;
        }
        if (this.#queue.length < queuedBytes) {
          continue;
        }
      }
      if (this.#messageBytes === undefined || this.#queue.length < this.#messageBytes) {
        return undefined;
      }
      const bytes = this.#queue.take(this.#messageBytes);
      this.#messageBytes = undefined;
      this.#searched = 0;
      this.#listener.onMessage(bytes);
    }
  }

  /** Double line ends are pings, single ones are ignored. */
  #skipLineEnds(): void {
    for (;;) {
      const queued = this.#queue.peek();
      if (queued[0] !== 13 && queued[0] !== 10) {
        return;
      }
      if (queued.subarray(0, 4).equals(HEAD_END)) {
        this.#queue.skip(4);
        this.#searched = 0;
        this.#listener.onPing();
      } else if (queued.length < 4 && HEAD_END.subarray(0, queued.length).equals(queued)) {
        return;
      } else {
        this.#queue.skip(queued.subarray(0, 2).equals(LINE_END) ? 2 : 1);
        this.#searched = 0;
      }
    }
  }

  #measure(): StreamFault | undefined {
    const queued = this.#queue.peek();
    const headEnd = queued.indexOf(HEAD_END, Math.max(0, this.#searched - 3));
    if (headEnd <= 0) {
      this.#searched = queued.length;
      return queued.length > SIP_LIMITS.streamMessageBytes ? "tooBig" : undefined;
    }
    const declared = contentLengthOf(queued.toString("latin1", 0, headEnd));
    if (declared === undefined) {
      return "badFraming";
    }
    const total = headEnd + 4 + declared;
    if (total <= SIP_LIMITS.streamMessageBytes) {
      this.#messageBytes = total;
      return undefined;
    }
    this.#listener.onOversized(Buffer.from(queued.subarray(0, headEnd + 4)));
    return this.#skip(total, declared);
  }

  #skip(totalBytes: number, bodyBytes: number): StreamFault | undefined {
    if (bodyBytes > SIP_LIMITS.skippedBodyBytes) {
      return "tooBig";
    }
    const here = Math.min(this.#queue.length, totalBytes);
    this.#queue.skip(here);
    this.#skipBytes = totalBytes - here;
    this.#searched = 0;
    return undefined;
  }
}

/** The declared length; 0 when a head that looks like SIP declares none; undefined when it cannot be framed, or two differ. */
function contentLengthOf(head: string): number | undefined {
  const lines = head.split("\r\n");
  if (!/SIP\/\d/i.test(lines[0] ?? "")) {
    return undefined;
  }
  let declared: number | undefined;
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name === "content-length" || name === "l") {
      const length = digitsOf(line.slice(colon + 1).trim(), 9);
      if (length === undefined || (declared ?? length) !== length) {
        return undefined;
      }
      declared = length;
    }
  }
  return declared ?? 0;
}

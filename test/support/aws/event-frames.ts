/** AWS event streams as stand-ins read and write them: messages within signed messages, in a stream of bytes. */
import { EventStreamCodec } from "@smithy/core/event-streams";
import type { SignatureChain } from "./signatures.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text),
);

/** What a client's message says; `end` is its last. */
export type ClientMessage =
  | { readonly kind: "event"; readonly type: string; readonly body: Buffer }
  | { readonly kind: "end" }
  | { readonly kind: "wrongSignature" };

/** Cuts a stream into messages and checks each signature. */
export class FrameReader {
  readonly #chain: SignatureChain;
  #pending = Buffer.alloc(0);

  constructor(chain: SignatureChain) {
    this.#chain = chain;
  }

  push(bytes: Buffer): ClientMessage[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const messages: ClientMessage[] = [];
    while (this.#pending.length >= 4) {
      const length = this.#pending.readUInt32BE(0);
      if (this.#pending.length < length) {
        break;
      }
      messages.push(this.#read(this.#pending.subarray(0, length)));
      this.#pending = this.#pending.subarray(length);
    }
    return messages;
  }

  #read(frame: Buffer): ClientMessage {
    const { headers, body } = codec.decode(Uint8Array.from(frame));
    const date = headers[":date"]?.value;
    const signature = headers[":chunk-signature"]?.value;
    const isSigned = date instanceof Date && signature instanceof Uint8Array;
    if (!isSigned || !this.#chain.accepts(date, body, signature)) {
      return { kind: "wrongSignature" };
    }
    if (body.length === 0) {
      return { kind: "end" };
    }
    const inner = codec.decode(body);
    const type = String(inner.headers[":event-type"]?.value);
    return { kind: "event", type, body: Buffer.from(inner.body) };
  }
}

/** An event of the service. */
export function eventFrame(type: string, json: unknown): Uint8Array {
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: "event" },
      ":event-type": { type: "string", value: type },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify(json)),
  });
}

/** An exception that ends the answer. @param type as the service spells it in a stream. */
export function exceptionFrame(type: string, message = "as scripted"): Uint8Array {
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: "exception" },
      ":exception-type": { type: "string", value: type },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify({ message })),
  });
}

/** AWS event streams as the stand-in reads and writes them: messages within messages, in a stream of bytes. */
import { EventStreamCodec } from "@smithy/core/event-streams";
import type { ScriptedException } from "./script.ts";
import type { SignatureChain } from "./signatures.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes as Uint8Array).toString("utf8"),
  (text) => Buffer.from(text),
);

/** What a client's message says; `end` is its last. */
export type ClientMessage =
  | { readonly kind: "event"; readonly json: string }
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
    const { bytes } = JSON.parse(Buffer.from(codec.decode(body).body).toString("utf8"));
    return { kind: "event", json: Buffer.from(String(bytes), "base64").toString("utf8") };
  }
}

/** A chunk of the answer, padded as the service does. */
export function chunkFrame(payload: Uint8Array): Uint8Array {
  const bytes = Buffer.from(payload).toString("base64");
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: "event" },
      ":event-type": { type: "string", value: "chunk" },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify({ bytes, p: "abcd" })),
  });
}

/** An exception that ends the answer. */
export function exceptionFrame({ name, message }: ScriptedException): Uint8Array {
  const type = name.charAt(0).toLowerCase() + name.slice(1);
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: "exception" },
      ":exception-type": { type: "string", value: type },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify({ message: message ?? "as scripted" })),
  });
}

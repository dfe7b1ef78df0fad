/** Chunks of Nova Sonic within the event streams of AWS. */
import { eventFrame, exceptionFrame } from "../aws/event-frames.ts";
import type { ScriptedException } from "./script.ts";

/** The JSON in a chunk of the client. */
export function chunkText(body: Buffer): string {
  const { bytes } = JSON.parse(body.toString("utf8")) as { readonly bytes?: unknown };
  return Buffer.from(String(bytes), "base64").toString("utf8");
}

/** A chunk of the answer, padded as the service does. */
export function chunkFrame(payload: Uint8Array): Uint8Array {
  return eventFrame("chunk", { bytes: Buffer.from(payload).toString("base64"), p: "abcd" });
}

/** An exception that ends the answer. */
export function novaExceptionFrame({ name, message }: ScriptedException): Uint8Array {
  return exceptionFrame(name.charAt(0).toLowerCase() + name.slice(1), message);
}

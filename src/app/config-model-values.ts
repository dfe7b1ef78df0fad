/** Settings that models of several kinds share. */
import { z } from "zod";

/** An address of a WebSocket, without credentials in it. */
export function socketUrl(): z.ZodString {
  return z
    .string()
    .refine(isSocketUrl, "expected a ws:// or wss:// address without user and password");
}

function isSocketUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    (url?.protocol === "ws:" || url?.protocol === "wss:") &&
    url.username === "" &&
    url.password === ""
  );
}

const price = (what: string) =>
  z.number().min(0).max(100_000).default(0).describe(`US dollars per million tokens of ${what}.`);

/** What the provider charges; a call's costs are told only where this is set. */
export const pricesSchema = z
  .strictObject({
    inputText: price("text the model reads"),
    inputAudio: price("audio the model hears"),
    cached: price("input that the provider had in its cache"),
    outputText: price("text the model writes"),
    outputAudio: price("audio the model speaks"),
  })
  .optional()
  .describe("What the service charges; absent: costs are not told.");

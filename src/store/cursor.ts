/** Where a page of call records ended, as an opaque text. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";

/** The last record of a page: the next page continues with what is older. */
export interface Cursor {
  readonly startedAtMs: number;
  readonly callId: string;
}

const CURSOR = z.tuple([z.number(), z.string().min(1).max(200)]);
/** Longer texts are refused before they are decoded. */
const MAX_CURSOR_CHARACTERS = 512;

/** Base64url, safe in URLs. */
export function encodeCursor({ startedAtMs, callId }: Cursor): string {
  return Buffer.from(JSON.stringify([startedAtMs, callId])).toString("base64url");
}

/** Throws STORE_CURSOR_INVALID for a text that {@link encodeCursor} cannot have made. */
export function decodeCursor(text: string): Cursor {
  try {
    if (text.length <= MAX_CURSOR_CHARACTERS && /^[\w-]+$/.test(text)) {
      const json: unknown = JSON.parse(Buffer.from(text, "base64url").toString());
      const [startedAtMs, callId] = CURSOR.parse(json);
      return { startedAtMs, callId };
    }
  } catch {
    // Not JSON, or not the two members: told below.
  }
  throw new GatewayError("STORE_CURSOR_INVALID");
}

/** Puts frames together again that came in pieces, within bounds. */
import { type A2aFrame, type Fragment, readFrame } from "./a2a-frames.ts";
import { RPC } from "./a2a-names.ts";

const MAX_OPEN = 4;
const MAX_PIECES = 64;
const MAX_CHARACTERS = 1024 * 1024;

interface Open {
  readonly total: number;
  readonly pieces: (string | undefined)[];
  missing: number;
  characters: number;
}

/** Of one connection. */
export class A2aFragments {
  readonly #open = new Map<string, Open>();

  /** The frame that these pieces are, when this was the last one; `undefined`: others are missing. */
  complete(fragment: Fragment): A2aFrame | undefined {
    const whole = this.#take(fragment);
    if (whole === "wait") {
      return undefined;
    }
    const frame = whole === "refused" ? undefined : readFrame(whole.text);
    // A frame in pieces is none of further pieces, or it would never end.
    return frame === undefined || frame.kind === "fragment"
      ? { kind: "malformed", id: null, code: RPC.params, why: "the fragments do not fit together" }
      : frame;
  }

  #take({ id, part, total, payload }: Fragment): { readonly text: string } | "wait" | "refused" {
    const open = this.#open.get(id) ?? this.#begin(id, total);
    if (open === undefined || open.total !== total || open.pieces[part] !== undefined) {
      return this.#drop(id);
    }
    open.pieces[part] = payload;
    open.missing -= 1;
    open.characters += payload.length;
    if (open.characters > MAX_CHARACTERS) {
      return this.#drop(id);
    }
    if (open.missing > 0) {
      return "wait";
    }
    this.#open.delete(id);
    return { text: Buffer.from(open.pieces.join(""), "base64").toString("utf8") };
  }

  #begin(id: string, total: number): Open | undefined {
    if (total > MAX_PIECES) {
      return undefined;
    }
    if (this.#open.size >= MAX_OPEN) {
      const [oldest] = this.#open.keys();
      this.#open.delete(oldest as string);
    }
    const pieces = new Array<string | undefined>(total).fill(undefined);
    const open = { total, pieces, missing: total, characters: 0 };
    this.#open.set(id, open);
    return open;
  }

  #drop(id: string): "refused" {
    this.#open.delete(id);
    return "refused";
  }
}

/** What is asked about a sound, and what is answered. */
import type { BargeInCause, DismissedAs } from "../ports/media-facts.ts";

/** Why a sound was no interruption. */
export type DismissReason = DismissedAs;
/** How an interruption was known: it went on, it had words, or the model said so. */
export type TakeReason = Exclude<BargeInCause, "key">;

/** What to do with playout. */
export type FloorDecision =
  | { readonly kind: "pause" }
  | { readonly kind: "resume"; readonly reason: DismissReason }
  | { readonly kind: "drop"; readonly reason: TakeReason };

/** One frame of the caller. */
export interface JudgedFrame {
  readonly ms: number;
  readonly levelDbfs: number;
  /** Louder than the line's noise. */
  readonly voiced: boolean;
  /** It is our own playout that comes back. */
  readonly echo: boolean;
}

/** What a frame of the caller's line holds; `echo`: our own playout coming back. */
export type CallerSound = "speech" | "echo" | "none";

/** A small scripted dialogue, as written in a flow and followed by a model that does not think for itself. */

/** One step: say something, then go where the caller's words, digits or silence lead. */
export interface DialogueStep {
  /** What is said first. A shipped prompt with this exact text is played; other text needs a synthesiser on the machine. */
  readonly say?: string | undefined;
  /** After `say`, plays the caller's own last words back to them. */
  readonly echo?: boolean | undefined;
  /** Phrase of the grammar → next step. Lower case; recognised only where a recogniser is on the machine. */
  readonly words?: Readonly<Record<string, string>> | undefined;
  /** DTMF digit → next step. */
  readonly digits?: Readonly<Record<string, string>> | undefined;
  /** Next step for speech that no phrase matched, or that no recogniser could read. */
  readonly otherwise?: string | undefined;
  /** Next step when nothing is heard for `afterMs` once the step was said. */
  readonly silence?: { readonly afterMs: number; readonly next: string } | undefined;
  /** Next step as soon as this one is said, without listening. */
  readonly then?: string | undefined;
  /** Calls the tool `hang_up` once the step was said. */
  readonly hangUp?: boolean | undefined;
}

/** Steps by name; every name that is referred to exists (checked when the flow is read). */
export interface Dialogue {
  readonly start: string;
  readonly steps: Readonly<Record<string, DialogueStep>>;
}

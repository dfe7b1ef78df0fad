/** A row of the catalogue of errors. */

/** Who has to act for the error to go away. */
export type Blame = "caller" | "gateway" | "upstream" | "operator" | "unknown";

/** What is known of a code. */
export interface ErrorRow {
  /** The SIP status that an invitation failing with this error is answered with. */
  readonly sipStatus: number;
  readonly blame: Blame;
  /** Whether the same action may succeed when tried again. */
  readonly retry: boolean;
  /** One plain sentence for the person who reads the log. */
  readonly meaning: string;
}

/** A row, in one line where it fits. */
export function row(sipStatus: number, blame: Blame, retry: boolean, meaning: string): ErrorRow {
  return { sipStatus, blame, retry, meaning };
}

/** The port to small texts on the web. */

/** A text that arrived whole. */
export interface FetchedText {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks with GET.
 *
 * - Only `https:`; redirects MUST NOT be followed.
 * - It MUST NOT reject: `undefined` is anything but a whole answer of at most `maxBytes` within `timeoutMs`.
 */
export type TextFetcher = (
  url: string,
  bounds: { readonly maxBytes: number; readonly timeoutMs: number },
) => Promise<FetchedText | undefined>;

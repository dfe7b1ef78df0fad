/** The SIP URIs that can be called. */

const SIP_URI = /^sips?:(?:[^@\s]+@)?(\[[0-9a-f:]+\]|[^@:;?\s[\]]+)(?::\d{1,5})?(?:[;?]\S*)?$/i;

/** The host of a SIP URI; `undefined` for anything else. */
export function hostOfSipUri(text: string): string | undefined {
  return SIP_URI.exec(text)?.[1];
}

/** Option tags of Require and Supported, also where a client forgot the comma between two. */

/** Tags that a recording client may name; RFC 7866 adds `siprec` and `record-aware`. */
const KNOWN = [
  ..."100rel early-session eventlist from-change gruu histinfo join multiple-refer".split(" "),
  ..."norefersub outbound path precondition pref privacy record-aware replaces".split(" "),
  ..."resource-priority sdp-anat sec-agree siprec tdialog timer uui".split(" "),
];
const MAX_TAGS = 50;

/** The tags in lower case, and whether some were taken apart. */
export function readOptionTags(values: readonly string[]): {
  readonly tags: readonly string[];
  readonly fused: boolean;
} {
  const written = values
    .flatMap((value) => value.split(/[,\s]+/))
    .map((tag) => tag.toLowerCase())
    .filter((tag) => tag !== "")
    .slice(0, MAX_TAGS);
  const pieces = written.map((tag) => takeApart(tag));
  return { tags: pieces.flat(), fused: pieces.some((tags) => tags.length > 1) };
}

/** Known tags that make up the whole of it, or the text as it is. */
function takeApart(tag: string): readonly string[] {
  const tags: string[] = [];
  let rest = tag;
  while (rest !== "") {
    const known = KNOWN.find((candidate) => rest.startsWith(candidate));
    if (known === undefined || tags.length >= MAX_TAGS) {
      return [tag];
    }
    tags.push(known);
    rest = rest.slice(known.length);
  }
  return tags;
}

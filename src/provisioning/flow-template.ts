/** Templates of contact flows: JSON in which `<<kind:name>>` stands for what one instance has; filled in line by line. */
import { type ConnectorSpelling, spellConnector } from "./flow-language/connector-spelling.ts";

/** What may stand in a template. */
export const PLACEHOLDER_KINDS = [
  "connector",
  "queue",
  "flow",
  "lambda",
  "lex",
  "text",
  "value",
] as const;

/** One of them. */
export type PlaceholderKind = (typeof PLACEHOLDER_KINDS)[number];

/** A placeholder. */
export interface Placeholder {
  readonly kind: PlaceholderKind;
  readonly name: string;
}

/** Gives the value; `undefined`: nobody knows, and the placeholder stays for the linter to find. */
export type Resolve = (placeholder: Placeholder) => string | undefined;

/**
 * `<<` starts nothing in JSON, JSONPath, SSML or an ARN: what is left over cannot be taken for anything else, and the
 * template is JSON itself.
 */
const PLACEHOLDER = /<<([a-z]+):([A-Za-z][A-Za-z0-9_-]*)>>/g;

/** The placeholders of a template, each once. */
export function placeholdersOf(template: string): readonly Placeholder[] {
  const found = new Map<string, Placeholder>();
  for (const [whole, kind, name] of template.matchAll(PLACEHOLDER)) {
    if (isKind(kind) && name !== undefined) {
      found.set(whole, { kind, name });
    }
  }
  return [...found.values()];
}

/** Each line stays where it was, so that what is wrong with the result is found in the template. */
export function renderFlow(
  template: string,
  resolve: Resolve,
  spelling: ConnectorSpelling,
): string {
  const filled = template.replace(PLACEHOLDER, (whole, kind: string, name: string) => {
    const value = isKind(kind) ? resolve({ kind, name }) : undefined;
    return value === undefined ? whole : JSON.stringify(value).slice(1, -1);
  });
  return spellConnector(filled, spelling);
}

/** The same for flows that mean the same: without layout, with members in a fixed order. */
export function canonicalFlow(content: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(content)));
  } catch {
    return content;
  }
}

/** Metadata is how the editor draws the flow: it is not what the flow does. */
function sorted(value: unknown, depth = 0): unknown {
  if (Array.isArray(value)) {
    return value.map((item: unknown) => sorted(item, depth + 1));
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const members = Object.entries(value)
    .filter(([name]) => depth > 0 || name !== "Metadata")
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member, depth + 1)]));
}

function isKind(text: string | undefined): text is PlaceholderKind {
  return (PLACEHOLDER_KINDS as readonly (string | undefined)[]).includes(text);
}

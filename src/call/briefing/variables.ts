/** Variables in the texts of a flow: `{{attributes.name}}`, with `|` before what is said when nothing is known. */

/** What texts may be filled with. Values are what somebody else wrote. */
export interface CallVariables {
  readonly attributes: Readonly<Record<string, string>>;
  readonly callingNumber: string;
  readonly calledNumber: string;
  readonly contactId: string | undefined;
}

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const NAME =
  /^\s*(?:attributes\.([A-Za-z0-9_.-]{1,64})|(callingNumber|calledNumber|contactId))\s*(?:\|(.*))?$/s;
const MAX_VALUE_CHARACTERS = 1000;
const MAX_ABOUT_CHARACTERS = 16_000;

/** Placeholders that mean nothing, as they are written. */
export function unknownPlaceholders(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)]
    .filter(([, inner]) => !NAME.test(inner as string))
    .map(([whole]) => whole);
}

/** Names of attributes that a text wants. */
export function attributesIn(text: string): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(
    ([, inner]) => NAME.exec(inner as string)?.[1] ?? [],
  );
}

/** The text with what is known; what is filled in is never read for placeholders again. */
export function fillVariables(text: string, variables: CallVariables): string {
  return text.replace(PLACEHOLDER, (whole, inner: string) => {
    const [, attribute, field, otherwise = ""] = NAME.exec(inner) ?? [];
    if (attribute === undefined && field === undefined) {
      return whole;
    }
    const value =
      attribute === undefined
        ? variables[field as "callingNumber" | "calledNumber" | "contactId"]
        : ownValue(variables.attributes, attribute);
    const shown = value === undefined ? "" : oneLine(value);
    return shown === "" ? otherwise.trim() : shown;
  });
}

/** What a model is told of its call, one line each; nothing when nothing is known. */
export function aboutCall(attributes: Readonly<Record<string, string>>): string {
  const lines = Object.entries(attributes).map(([name, value]) => `${name}: ${oneLine(value)}`);
  return lines.length === 0
    ? ""
    : ["About this call:", ...lines].join("\n").slice(0, MAX_ABOUT_CHARACTERS);
}

/** Without line breaks: what somebody wrote into an attribute cannot look like an instruction of the flow's own. */
function oneLine(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, " ")
    .trim()
    .slice(0, MAX_VALUE_CHARACTERS);
}

function ownValue(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Looks once over XML text before any parser does, and refuses what could cost time or memory. */
import type { OddityCode } from "./oddities.ts";

/** Bounds of a metadata document. */
export const XML_LIMITS = {
  bytes: 262_144,
  depth: 32,
  /** A conference of a hundred, each with all that RFC 7865 has; the parser takes some 20 µs for each. */
  elements: 1500,
  attributes: 3000,
} as const;

/** What the look found, with the work that it took. */
export interface XmlSurvey {
  /** `undefined`: nothing speaks against parsing. */
  readonly refusal: OddityCode | undefined;
  readonly elements: number;
  readonly deepest: number;
}

/** One pass from the start; stops at the first refusal. */
export function surveyXml(text: string): XmlSurvey {
  let elements = 0;
  let attributes = 0;
  let depth = 0;
  let deepest = 0;
  let at = text.indexOf("<");
  while (at !== -1) {
    const tag = tagAt(text, at);
    if (typeof tag === "string") {
      return { refusal: tag, elements, deepest };
    }
    elements += tag.opens ? 1 : 0;
    attributes += tag.attributes;
    depth += tag.change;
    deepest = Math.max(deepest, depth);
    const refusal = refusalOf(Math.max(elements, attributes / ATTRIBUTES_PER_ELEMENT), depth);
    if (refusal !== undefined) {
      return { refusal, elements, deepest };
    }
    at = text.indexOf("<", tag.end);
  }
  return { refusal: elements === 0 ? "xmlEmpty" : undefined, elements, deepest };
}

function refusalOf(elements: number, depth: number): OddityCode | undefined {
  if (elements > XML_LIMITS.elements) {
    return "xmlTooMany";
  }
  return depth > XML_LIMITS.depth ? "xmlTooDeep" : undefined;
}

/** Both bounds as one. */
const ATTRIBUTES_PER_ELEMENT = XML_LIMITS.attributes / XML_LIMITS.elements;

interface Tag {
  readonly end: number;
  readonly opens: boolean;
  /** Values in quotes. */
  readonly attributes: number;
  readonly change: -1 | 0 | 1;
}

function tagAt(text: string, at: number): Tag | OddityCode {
  if (text.startsWith("<!--", at)) {
    return skipTo(text, "-->", at + 4);
  }
  if (text.startsWith("<![CDATA[", at)) {
    return skipTo(text, "]]>", at + 9);
  }
  if (text.startsWith("<!", at)) {
    return "xmlDoctype";
  }
  if (text.startsWith("<?", at)) {
    return skipTo(text, "?>", at + 2);
  }
  if (text.startsWith("</", at)) {
    const tag = skipTo(text, ">", at + 2);
    return typeof tag === "string" ? tag : { ...tag, change: -1 };
  }
  const tag = endOfTag(text, at + 1);
  return tag === undefined
    ? "xmlBroken"
    : { ...tag, opens: true, change: text.charAt(tag.end - 2) === "/" ? 0 : 1 };
}

function skipTo(text: string, mark: string, from: number): Tag | OddityCode {
  const found = text.indexOf(mark, from);
  return found === -1
    ? "xmlBroken"
    : { end: found + mark.length, opens: false, attributes: 0, change: 0 };
}

/** After the `>` that is in no attribute value, and how many of those there were; `undefined` where there is none. */
function endOfTag(text: string, from: number): Pick<Tag, "end" | "attributes"> | undefined {
  let quote = "";
  let attributes = 0;
  for (let index = from; index < text.length; index += 1) {
    const character = text.charAt(index);
    if (quote !== "") {
      quote = character === quote ? "" : quote;
    } else if (character === '"' || character === "'") {
      quote = character;
      attributes += 1;
    } else if (character === ">") {
      return { end: index + 1, attributes };
    }
  }
  return undefined;
}

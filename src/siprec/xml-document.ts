/** XML of strangers as a small tree: no document types, no entities, bounded; names without regard to prefixes. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { decodeXml } from "./charset.ts";
import { type Oddity, oddity } from "./oddities.ts";
import { surveyXml, XML_LIMITS } from "./xml-guard.ts";

/** One element. */
export interface XmlElement {
  /** Local name, as written. */
  readonly name: string;
  readonly prefix: string;
  /** `undefined`: none, or its prefix is not declared. */
  readonly namespace: string | undefined;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** All text directly inside, trimmed. */
  readonly text: string;
  /** `recording/participant[2]/nameID`. */
  readonly path: string;
}

/** One attribute; declarations of namespaces are none. */
export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
}

/** A root, or none; oddities in either case. */
export interface XmlReading {
  readonly root: XmlElement | undefined;
  readonly oddities: readonly Oddity[];
}

const ATTRIBUTES = ":@";
const TEXT = "#text";
const CDATA = "#cdata";
/** Without entities: references are decoded here, where only the five of XML and numbers exist. */
const PARSER = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: "",
  textNodeName: TEXT,
  cdataPropName: CDATA,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  trimValues: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
});
const NAMED: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  gt: ">",
  lt: "<",
  quot: '"',
};
/** Of an element's name in a path. */
const MAX_STEP_CHARACTERS = 40;
const LAST_CODE_POINT = 0x10ffff;

/** Reads a document; never throws. */
export function readXml(bytes: Uint8Array, charset: string | undefined, where: string): XmlReading {
  if (bytes.length > XML_LIMITS.bytes) {
    return { root: undefined, oddities: [oddity("xmlTooLong", where)] };
  }
  const decoded = decodeXml(bytes, charset, where);
  const text = decoded.text.trim();
  const { refusal } = surveyXml(text);
  const nodes = refusal === undefined ? parse(text) : undefined;
  if (nodes === undefined) {
    return {
      root: undefined,
      oddities: [...decoded.oddities, oddity(refusal ?? "xmlBroken", where)],
    };
  }
  const oddities = [...decoded.oddities];
  const roots = childrenOf(nodes, NO_SCOPE, "", { where, oddities });
  if (roots.length > 1) {
    oddities.push(oddity("xmlSeveralRoots", where));
  }
  return { root: roots[0], oddities };
}

function parse(text: string): readonly unknown[] | undefined {
  try {
    if (XMLValidator.validate(text) !== true) {
      return undefined;
    }
    const nodes: unknown = PARSER.parse(text);
    return Array.isArray(nodes) ? nodes : undefined;
  } catch {
    return undefined;
  }
}

/** Declarations of one element, and those around it: linked, because copies would multiply. */
interface Scope {
  readonly declared: ReadonlyMap<string, string>;
  readonly outer: Scope | undefined;
}

const NO_SCOPE: Scope = { declared: new Map(), outer: undefined };

interface Conversion {
  readonly where: string;
  readonly oddities: Oddity[];
}

/** Nesting was bounded before, so this recursion is. */
function childrenOf(
  nodes: readonly unknown[],
  scope: Scope,
  path: string,
  conversion: Conversion,
): readonly XmlElement[] {
  const counts = new Map<string, number>();
  const children: XmlElement[] = [];
  for (const node of nodes) {
    const fields = node as Readonly<Record<string, unknown>>;
    const tag = Object.keys(fields).find((key) => key !== ATTRIBUTES);
    if (tag === undefined || tag === TEXT || tag === CDATA) {
      continue;
    }
    const local = tag.slice(tag.indexOf(":") + 1);
    const count = (counts.get(local) ?? 0) + 1;
    counts.set(local, count);
    const step = `${local.slice(0, MAX_STEP_CHARACTERS)}${count === 1 ? "" : `[${count}]`}`;
    const place = path === "" ? step : `${path}/${step}`;
    children.push(elementOf(tag, fields, { scope, path: place, conversion }));
  }
  return children;
}

interface Place {
  readonly scope: Scope;
  readonly path: string;
  readonly conversion: Conversion;
}

function elementOf(
  tag: string,
  fields: Readonly<Record<string, unknown>>,
  { scope, path, conversion }: Place,
): XmlElement {
  const nodes = fields[tag] as readonly Readonly<Record<string, unknown>>[];
  const written = Object.entries((fields[ATTRIBUTES] ?? {}) as Readonly<Record<string, string>>);
  const inner = scopeWith(scope, written);
  const colon = tag.indexOf(":");
  const prefix = colon === -1 ? "" : tag.slice(0, colon);
  const decode = (text: string): string => decodeReferences(text, conversion);
  return {
    name: tag.slice(colon + 1),
    prefix,
    namespace: namespaceOf(prefix, inner),
    attributes: written
      .filter(([name]) => name !== "xmlns" && !name.startsWith("xmlns:"))
      .map(([name, value]) => ({ name: name.slice(name.indexOf(":") + 1), value: decode(value) })),
    children: childrenOf(nodes, inner, path, conversion),
    text: nodes
      .map((node) => textOf(node, decode))
      .join("")
      .trim(),
    path,
  };
}

function scopeWith(outer: Scope, attributes: readonly (readonly [string, string])[]): Scope {
  const declared = attributes.filter(([name]) => name === "xmlns" || name.startsWith("xmlns:"));
  return declared.length === 0
    ? outer
    : { declared: new Map(declared.map(([name, uri]) => [name.slice(6), uri])), outer };
}

function namespaceOf(prefix: string, scope: Scope): string | undefined {
  for (let inner: Scope | undefined = scope; inner !== undefined; inner = inner.outer) {
    const uri = inner.declared.get(prefix);
    if (uri !== undefined) {
      return uri;
    }
  }
  return undefined;
}

function textOf(node: Readonly<Record<string, unknown>>, decode: (text: string) => string): string {
  const text = node[TEXT];
  if (typeof text === "string") {
    return decode(text);
  }
  const verbatim = node[CDATA] as readonly Readonly<Record<string, unknown>>[] | undefined;
  return (verbatim ?? []).map((inner) => String(inner[TEXT] ?? "")).join("");
}

function decodeReferences(text: string, { where, oddities }: Conversion): string {
  return text.replaceAll(/&(#x[0-9A-Fa-f]{1,6}|#[0-9]{1,7}|\w{1,32});/g, (whole, name: string) => {
    const decoded = name.startsWith("#") ? characterOf(name.slice(1)) : NAMED[name];
    if (decoded === undefined) {
      oddities.push(oddity("xmlEntityUnknown", where));
    }
    return decoded ?? whole;
  });
}

function characterOf(reference: string): string | undefined {
  const point = reference.startsWith("x")
    ? Number.parseInt(reference.slice(1), 16)
    : Number.parseInt(reference, 10);
  return point >= 32 && point <= LAST_CODE_POINT ? String.fromCodePoint(point) : " ";
}

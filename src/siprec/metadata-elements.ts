/** How elements of metadata are asked: by local name, without regard to case, dashes and underscores. */
import { type Oddity, type OddityCode, oddity } from "./oddities.ts";
import type { Association, Extension } from "./rs-metadata.ts";
import type { XmlElement } from "./xml-document.ts";

/** What a reading of one document gathers on its way. */
export interface MetadataWork {
  /** The part of the body that it is. */
  readonly where: string;
  readonly oddities: Oddity[];
  readonly extensions: Extension[];
  /** Ids seen, by kind, so that a repeat is noticed. */
  readonly ids: Set<string>;
}

/** Notes something odd at an element. */
export function report(work: MetadataWork, code: OddityCode, place: string): void {
  work.oddities.push(oddity(code, place));
}

/** `associate-time`, `associateTime` and `ASSOCIATE_TIME` are one name. */
export function canonical(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}

/** Children of a name, in order. */
export function childrenNamed(element: XmlElement, ...names: string[]): readonly XmlElement[] {
  return element.children.filter(({ name }) => names.includes(canonical(name)));
}

/** Text of the first child of a name; empty is as if it were not there. */
export function childText(element: XmlElement, ...names: string[]): string | undefined {
  const text = childrenNamed(element, ...names)[0]?.text;
  return text === "" ? undefined : text;
}

/** Value of the first attribute of a name, trimmed; empty is as if it were not there. */
export function attributeOf(element: XmlElement, ...names: string[]): string | undefined {
  const value = element.attributes
    .find(({ name }) => names.includes(canonical(name)))
    ?.value.trim();
  return value === "" ? undefined : value;
}

/** The time in the child of a name, where it is one. */
export function timeOf(element: XmlElement, name: string, work: MetadataWork): string | undefined {
  const text = childText(element, name);
  if (text !== undefined && Number.isNaN(Date.parse(text))) {
    report(work, "timeUnreadable", `${element.path}/${name}`);
    return undefined;
  }
  return text;
}

/** From when to when, of the element's own children. */
export function associationOf(element: XmlElement, work: MetadataWork): Association {
  const disassociateTime = timeOf(element, "disassociatetime", work);
  if (disassociateTime !== undefined) {
    report(work, "disassociated", element.path);
  }
  return { associateTime: timeOf(element, "associatetime", work), disassociateTime };
}

/** The id of an element, by the names of RFC 7865 or of the draft; made up where it is missing. */
export function idOf(element: XmlElement, kind: string, work: MetadataWork): string {
  const id = attributeOf(element, `${kind}id`, "id");
  if (id === undefined) {
    report(work, "idMissing", element.path);
    return `?${element.path}`;
  }
  if (work.ids.has(`${kind} ${id}`)) {
    report(work, "idTwice", element.path);
  }
  work.ids.add(`${kind} ${id}`);
  return id;
}

/** Extension data of vendors: whatever the schema does not name, flattened into names and values. */
import { attributeOf, canonical, type MetadataWork, report } from "./metadata-elements.ts";
import type { ExtensionOwner } from "./rs-metadata.ts";
import type { XmlElement } from "./xml-document.ts";

/** Bounds of what is kept. */
export const EXTENSION_LIMITS = { count: 500, nameCharacters: 128, valueCharacters: 4096 } as const;

/** Whose extension data it is. */
export interface Owner {
  readonly owner: ExtensionOwner;
  readonly ownerId: string | undefined;
}

/** Keeps every child that is not among the known names of its parent. */
export function keepExtensions(
  element: XmlElement,
  owner: Owner,
  known: ReadonlySet<string>,
  work: MetadataWork,
): void {
  for (const child of element.children) {
    if (canonical(child.name) === "extensiondata") {
      keepContainer(child, owner, work);
    } else if (!known.has(canonical(child.name))) {
      flatten(child, child.name, owner, work);
    }
  }
}

/** `<extensiondata>` says by `parent` whose it is, when it stands at the top; its own name means nothing. */
function keepContainer(element: XmlElement, owner: Owner, work: MetadataWork): void {
  const parent = attributeOf(element, "parent");
  const real = parent === undefined ? owner : (ownerOf(parent, work) ?? owner);
  for (const child of element.children) {
    flatten(child, child.name, real, work);
  }
  if (element.children.length === 0) {
    flatten(element, element.name, real, work);
  }
}

const OWNERS: readonly ExtensionOwner[] = ["participant", "session", "stream", "group"];

function ownerOf(id: string, { ids }: MetadataWork): Owner | undefined {
  const owner = OWNERS.find((kind) => ids.has(`${kind} ${id}`));
  return owner === undefined ? undefined : { owner, ownerId: id };
}

function flatten(element: XmlElement, name: string, owner: Owner, work: MetadataWork): void {
  const key = attributeOf(element, "label", "name", "key");
  const value = element.children.find((child) => canonical(child.name) === "value");
  if (key !== undefined && (value !== undefined || element.text !== "")) {
    keep(element, key, value?.text ?? element.text, owner, work);
    return;
  }
  if (element.text !== "") {
    keep(element, name, element.text, owner, work);
  }
  for (const attribute of element.attributes) {
    keep(element, `${name}.${attribute.name}`, attribute.value, owner, work);
  }
  for (const child of element.children) {
    flatten(child, `${name}.${child.name}`, owner, work);
  }
}

function keep(
  element: XmlElement,
  name: string,
  value: string,
  owner: Owner,
  work: MetadataWork,
): void {
  if (work.extensions.length >= EXTENSION_LIMITS.count) {
    report(work, "extensionsTooMany", work.where);
    return;
  }
  if (work.extensions.length === 0) {
    report(work, "extensionsKept", element.path);
  }
  if (element.prefix !== "" && element.namespace === undefined) {
    report(work, "prefixUndeclared", element.path);
  }
  work.extensions.push({
    ...owner,
    name: name.slice(0, EXTENSION_LIMITS.nameCharacters),
    prefix: element.prefix,
    namespace: element.namespace,
    value: value.slice(0, EXTENSION_LIMITS.valueCharacters),
  });
}

/** The difference of two values, field by field, for people to read. */

/** One field; absent `before`: it is new, absent `after`: it goes. */
export interface FieldChange {
  /** For example `routes[0].host`; empty for the whole. */
  readonly field: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
}

/** Every field that differs; the same values give none. */
export function fieldChanges(before: unknown, after: unknown): readonly FieldChange[] {
  const old = new Map(leaves(before, ""));
  const now = new Map(leaves(after, ""));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((field) => ({ field, before: old.get(field), after: now.get(field) }))
    .filter((change) => change.before !== change.after);
}

function leaves(value: unknown, path: string): readonly (readonly [string, string])[] {
  if (value === undefined) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.length === 0
      ? [[path, "none"]]
      : value.flatMap((item: unknown, index) => leaves(item, `${path}[${index}]`));
  }
  if (typeof value === "object" && value !== null) {
    return Object.entries(value).flatMap(([name, child]) =>
      leaves(child, path === "" ? name : `${path}.${name}`),
    );
  }
  return [[path, String(value)]];
}

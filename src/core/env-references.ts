/** Replaces `${env:NAME}` and `${file:PATH}` in configured text by what they stand for. */
import type { ValuePath } from "./schema-outline.ts";

/** Where references are looked up. */
export interface ReferenceSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The text of a file; throws when it cannot be read. */
  readonly readFile: (path: string) => string;
}

/** A reference that leads nowhere. The text names the variable or file, never what is in it. */
export interface ReferenceProblem {
  readonly path: ValuePath;
  readonly text: string;
}

/** The same tree with every reference replaced. */
export interface ResolvedTree {
  readonly value: unknown;
  readonly problems: readonly ReferenceProblem[];
  /** Paths whose text came from a reference. */
  readonly replaced: readonly ValuePath[];
}

const REFERENCE = /\$\{([A-Za-z]+):([^}]*)\}/g;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Resolves the references in every text of `tree`; one line break at the end of a file is dropped. */
export function resolveReferences(tree: unknown, sources: ReferenceSources): ResolvedTree {
  const problems: ReferenceProblem[] = [];
  const replaced: ValuePath[] = [];
  const visit = (value: unknown, path: ValuePath): unknown => {
    if (typeof value === "string") {
      const text = value.replace(REFERENCE, (_whole, kind: string, target: string) => {
        const found = lookUp(kind, target, sources);
        if (typeof found !== "string") {
          problems.push({ path, text: found.problem });
          return "";
        }
        return found;
      });
      if (text !== value) {
        replaced.push(path);
      }
      return text;
    }
    if (Array.isArray(value)) {
      return value.map((item: unknown, index) => visit(item, [...path, index]));
    }
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(
        Object.entries(value).map(([key, child]) => [key, visit(child, [...path, key])]),
      );
    }
    return value;
  };
  return { value: visit(tree, []), problems, replaced };
}

function lookUp(
  kind: string,
  target: string,
  sources: ReferenceSources,
): string | { readonly problem: string } {
  if (kind === "env") {
    return fromEnvironment(target, sources);
  }
  if (kind === "file") {
    return fromFile(target, sources);
  }
  return { problem: `"${kind}:" is no kind of reference; there are env: and file:` };
}

function fromEnvironment(
  name: string,
  { environment }: ReferenceSources,
): string | { readonly problem: string } {
  if (!VARIABLE.test(name)) {
    return { problem: "expected the name of an environment variable after env:" };
  }
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) {
    return { problem: `the environment variable ${name} is not set` };
  }
  return value === "" ? { problem: `the environment variable ${name} is empty` } : value;
}

function fromFile(
  path: string,
  { readFile }: ReferenceSources,
): string | { readonly problem: string } {
  try {
    const text = readFile(path).replace(/\r?\n$/, "");
    return text === "" ? { problem: `the file ${path} is empty` } : text;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    const reason = code === "ENOENT" ? "does not exist" : "cannot be read";
    return { problem: `the file ${path} ${reason}` };
  }
}

/** The schema, the example file and the defaults say the same. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { upperSnake } from "../../src/app/config-environment.ts";
import { jsonSchema } from "../../src/app/schemas.ts";
import type { SchemaNode } from "../../src/core/schema-outline.ts";
import { memoryFiles } from "../support/memory-files.ts";

const EXAMPLE = readFileSync(new URL("../../gateway.example.yaml", import.meta.url), "utf8");

interface Field {
  readonly path: string;
  readonly node: SchemaNode;
}

function fieldsOf(node: SchemaNode, path = ""): Field[] {
  const options = [...(node.anyOf ?? []), ...(node.oneOf ?? [])];
  const entries = typeof node.additionalProperties === "object" ? [node.additionalProperties] : [];
  const inner = [...options, ...entries, ...(node.items === undefined ? [] : [node.items])];
  const own = Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const childPath = path === "" ? name : `${path}.${name}`;
    return [{ path: childPath, node: child }, ...fieldsOf(child, childPath)];
  });
  return [...own, ...inner.flatMap((child) => fieldsOf(child, path))];
}

const FIELDS = fieldsOf(jsonSchema("gateway"));

describe("the schema", () => {
  it("explains every field", () => {
    expect(FIELDS.filter(({ node }) => node.description === undefined)).toEqual([]);
    expect(FIELDS.length).toBeGreaterThan(60);
  });

  it("bounds every number", () => {
    const numbers = FIELDS.filter(({ node }) => node.type === "integer" || node.type === "number");
    const open = numbers.filter(
      ({ node }) => node.minimum === undefined || (node.maximum ?? 2 ** 53) > 1e9,
    );
    expect(open).toEqual([]);
  });

  it("marks every secret", () => {
    const secrets = FIELDS.filter(({ node }) => node.description?.includes("; secret") === true);
    expect(secrets.filter(({ node }) => node.writeOnly !== true)).toEqual([]);
    expect(secrets.map(({ path }) => path)).toContain("models.apiKey");
  });

  it("has no two fields that share a variable", () => {
    const top = Object.keys(jsonSchema("gateway").properties ?? {}).map(upperSnake);
    expect(top).not.toContain("CONFIG");
    expect(top).not.toContain("PORT");
    expect(top).not.toContain("SERVICE");
  });
});

describe("gateway.schema.json", () => {
  it("is what `trunkline schema` prints", () => {
    const committed: unknown = JSON.parse(
      readFileSync(new URL("../../gateway.schema.json", import.meta.url), "utf8"),
    );
    expect(committed).toEqual(jsonSchema("gateway"));
  });
});

describe("gateway.example.yaml", () => {
  it("is valid and says nothing but the defaults", () => {
    const load = (files: Record<string, string>): unknown =>
      loadConfig({ environment: {}, files: memoryFiles(files) }).config;
    expect(load({ "gateway.yaml": EXAMPLE })).toEqual(load({}));
  });

  it("mentions every field, and every range", () => {
    const missing = FIELDS.filter(({ path }) => {
      const name = path.split(".").at(-1) as string;
      return !new RegExp(`\\b${name}:`).test(EXAMPLE);
    });
    expect(missing.map(({ path }) => path)).toEqual([]);
    const text = EXAMPLE.replaceAll(/\s+/g, " ");
    const bounded = FIELDS.filter(
      ({ path, node }) => /^(calls|media)\./.test(path) && node.maximum,
    );
    const unsaid = bounded.filter(({ node }) => !text.includes(String(node.maximum)));
    expect(unsaid.map(({ path }) => path)).toEqual([]);
  });
});

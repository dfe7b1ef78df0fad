/** The JSON Schemas of the files that people write. */
import { flowSchema } from "../call/flow.ts";
import { routesSchema } from "../call/route-table.ts";
import { jsonSchemaOf, type SchemaNode } from "../core/schema-outline.ts";
import { configSchema } from "./config-schema.ts";
import { trunksFileSchema } from "./trunk-schema.ts";

/** Names of {@link jsonSchema}. */
export const SCHEMA_NAMES = ["gateway", "flow", "routes", "trunks"] as const;

/** `gateway`: gateway.yaml; `flow`: flows/*.yaml; `routes`, `trunks`: sip-config/*.yaml. */
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** JSON Schema (draft 2020-12) for editors and other tools. */
export function jsonSchema(name: SchemaName): SchemaNode {
  const schemas = {
    gateway: configSchema,
    flow: flowSchema,
    routes: routesSchema,
    trunks: trunksFileSchema,
  };
  return jsonSchemaOf(schemas[name]);
}

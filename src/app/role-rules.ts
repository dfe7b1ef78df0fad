/** Reads a file of role rules. */
import { compileRoleRules, roleRulesSchema } from "../call/role-rules.ts";
import { checkValue, configInvalid } from "../core/schema-problems.ts";
import type { RoleRule } from "../siprec/roles.ts";
import type { TextFiles } from "./files.ts";
import { readYamlFile } from "./yaml-files.ts";

/** @throws GatewayError CONFIG_INVALID with every problem. */
export function loadRoleRules(file: string, files: TextFiles): readonly RoleRule[] {
  const tree = readYamlFile(file, files);
  const checked = checkValue(roleRulesSchema, tree.value ?? [], { locate: tree.locate });
  if (checked.kind === "bad") {
    throw configInvalid(checked.problems);
  }
  return compileRoleRules(checked.value);
}

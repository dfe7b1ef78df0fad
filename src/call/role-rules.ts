/** Role rules as people write them: a list in YAML, patterns as in routes. */
import { z } from "zod";
import type { RoleRule } from "../siprec/roles.ts";
import { compilePattern, patternProblem } from "./route-pattern.ts";

const patternSchema = z
  .string()
  .min(1)
  .max(200)
  .superRefine((pattern, context) => {
    const problem = patternProblem(pattern);
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: `expected ${problem}` });
    }
  })
  .describe("Exact text, a prefix with * at its end, or /a regular expression/.");

const named = (what: string) =>
  z.strictObject({ name: z.string().min(1).max(128).describe(what), value: patternSchema });

const ruleSchema = z.strictObject({
  role: z.enum(["customer", "agent"]).describe("What who fits is."),
  when: z
    .strictObject({
      aor: patternSchema.optional().describe("Address of record, whole or its user part."),
      trunk: patternSchema.optional().describe("Trunk that the recording comes over."),
      header: named("Name of a SIP header.").optional(),
      extension: named("Name of extension data of the metadata.").optional(),
      label: z.string().min(1).max(64).optional().describe("Label of the stream, quoted."),
      first: z.boolean().optional().describe("Who was in the conversation first, or anybody else."),
    })
    .refine((when) => Object.keys(when).length > 0, "expected at least one condition")
    .describe("All of it must fit."),
});

/** A file of role rules: the first that fits decides. */
export const roleRulesSchema = z.array(ruleSchema).max(100);

/** Makes the rules ready to use. */
export function compileRoleRules(rules: z.output<typeof roleRulesSchema>): readonly RoleRule[] {
  const matcher = (pattern: string | undefined) =>
    pattern === undefined ? undefined : compilePattern(pattern);
  const pair = (written: { readonly name: string; readonly value: string } | undefined) =>
    written === undefined
      ? undefined
      : { name: written.name, value: compilePattern(written.value) };
  return rules.map(({ role, when }) => ({
    role,
    aor: matcher(when.aor),
    trunk: matcher(when.trunk),
    header: pair(when.header),
    extension: pair(when.extension),
    label: when.label,
    first: when.first,
  }));
}

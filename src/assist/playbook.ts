/** What a playbook may hold: the steps of a conversation, what to suggest on which words, and how a conversation is named at its end. */
import { z } from "zod";

const id = () => z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, "1 to 64 letters, digits, _ and -");
const phrases = () => z.array(z.string().min(1).max(200)).min(1).max(100);
const speaker = () => z.enum(["agent", "customer", "anyone"]);

const stepSchema = z.strictObject({
  id: id().describe("Name of the step, for pages and logs."),
  title: z.string().min(1).max(200).describe("What the agent reads."),
  by: speaker().default("agent").describe("Whose words do the step."),
  any: phrases().describe("Words or phrases; one of them does the step."),
  required: z.boolean().default(false).describe("Whether leaving it out is said."),
});

const suggestionSchema = z.strictObject({
  id: id().describe("Name of the suggestion."),
  by: speaker().default("customer").describe("Whose words bring it up."),
  any: phrases().describe("Words or phrases; one of them brings it up."),
  unless: phrases().optional().describe("Words or phrases that keep it away."),
  text: z.string().min(1).max(1000).describe("What the agent reads."),
});

const dispositionSchema = z.strictObject({
  name: id().describe("What the conversation was, in one word."),
  any: phrases().describe("Words or phrases of the customer; the first rule that fits counts."),
});

/** A playbook; every list may be left out. */
export const playbookSchema = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(100)
      .default("playbook")
      .describe("What the agent's page calls it."),
    steps: z.array(stepSchema).max(50).default([]).describe("In the order of a good conversation."),
    suggestions: z.array(suggestionSchema).max(200).default([]).describe("By keyword."),
    dispositions: z.array(dispositionSchema).max(50).default([]).describe("For the end."),
  })
  .superRefine(({ steps, suggestions }, context) => {
    for (const [list, entries] of Object.entries({ steps, suggestions })) {
      const ids = entries.map((entry) => entry.id);
      const twice = ids.findIndex((name, index) => ids.indexOf(name) !== index);
      if (twice >= 0) {
        const message = "the id is there twice";
        context.addIssue({ code: "custom", path: [list, twice, "id"], message });
      }
    }
  });

/** A playbook with its defaults filled in. */
export type Playbook = z.output<typeof playbookSchema>;

/** Nothing to do and nothing to say. */
export const EMPTY_PLAYBOOK: Playbook = playbookSchema.parse({});

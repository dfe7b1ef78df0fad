/** Whom a flow may hand a call to, and what it does when no model is left. */
import { z } from "zod";

const targetName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, "1 to 32 lower-case letters, digits, _ and -, a letter first");

/** What may stand in Refer-To without being taken for something else. */
const TARGET = /^(?:sips?:[^\s<>"\\,?]{1,200}|tel:\+?[0-9().-]{1,32}(?:;[A-Za-z0-9.=+-]{1,64})*)$/;

const transferSchema = z.strictObject({
  to: z
    .string()
    .regex(TARGET, 'a sip:, sips: or tel: URI, for example "sip:sales@pbx.example.com"')
    .describe("Whom the peer is asked to call instead (Refer-To)."),
  description: z.string().min(1).max(300).optional().describe("For the model: who that is."),
  announce: z
    .string()
    .min(1)
    .max(1000)
    .optional()
    .describe("Spoken by the machine's own voice before the transfer."),
  userToUser: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe(
      "Carried to whom the call goes in User-to-User; may hold {{attributes.NAME}}. Absent: nothing.",
    ),
  waitSeconds: z
    .number()
    .int()
    .min(5)
    .max(300)
    .default(45)
    .describe("Seconds that the peer may take to say what became of it."),
});

/** By the name that the model chooses. */
export const transfersSchema = z
  .record(targetName, transferSchema)
  .refine((targets) => Object.keys(targets).length <= 32, "expected at most 32 transfers");

const menuActionSchema = z.union([
  z.literal("hangUp"),
  z.strictObject({ transfer: targetName.describe("Name of one of the flow's transfers.") }),
]);

const menuSchema = z.strictObject({
  say: z.string().min(1).max(1000).describe("Names the keys."),
  digits: z
    .record(z.string().regex(/^[0-9*#]$/, "one of 0-9, *, #"), menuActionSchema)
    .describe("The key the caller presses → what happens."),
  waitSeconds: z
    .number()
    .int()
    .min(1)
    .max(60)
    .default(6)
    .describe("Seconds for a key, after the menu was said."),
  repeat: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(2)
    .describe("How often the menu is said again, before the call is ended."),
});

/** What follows the farewell when no model is left. */
export const lastResortSchema = z.union([
  z.strictObject({ transfer: targetName.describe("Name of one of the flow's transfers.") }),
  z.strictObject({ menu: menuSchema.describe("Keys to choose with, without a model.") }),
]);

/** Somebody a call may be handed to. */
export type TransferTarget = Readonly<z.output<typeof transferSchema>>;

/** A checked last resort. */
export type LastResort = Readonly<z.output<typeof lastResortSchema>>;

/** A checked menu. */
export type Menu = Readonly<z.output<typeof menuSchema>>;

/** What a key of a menu does. */
export type MenuAction = Readonly<z.output<typeof menuActionSchema>>;

/** Every transfer that a last resort names, and where. */
export function namedTransfers(
  resort: LastResort | undefined,
): readonly { readonly name: string; readonly path: readonly string[] }[] {
  if (resort === undefined) {
    return [];
  }
  if ("transfer" in resort) {
    return [{ name: resort.transfer, path: ["transfer"] }];
  }
  return Object.entries(resort.menu.digits).flatMap(([digit, action]) =>
    action === "hangUp"
      ? []
      : [{ name: action.transfer, path: ["menu", "digits", digit, "transfer"] }],
  );
}

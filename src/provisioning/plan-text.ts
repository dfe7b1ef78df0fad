/** A plan as people read it: like a diff, with what it warns of and what stands in its way. */
import type { FieldChange } from "./field-changes.ts";
import { isDestructive, type TrunkPlan, type TrunkStep } from "./trunk-plan.ts";

/** A line and what its mark means. */
export interface PlanLine {
  readonly mark: "+" | "~" | "-" | "!" | " ";
  readonly text: string;
}

/** What a step does, in a few words; never a password. */
export function subjectOf(step: TrunkStep): string {
  switch (step.kind) {
    case "createConnector":
      return `create connector ${step.key}`;
    case "updateConnector":
      return `change connector ${step.key}`;
    case "tagConnector":
      return `tag connector ${step.key}`;
    case "putSetting":
      return `set ${step.setting} of connector ${step.key}`;
    case "deleteSetting":
      return `remove ${step.setting} of connector ${step.key}`;
    case "putPasswords":
      return `set passwords of connector ${step.key}`;
    case "deletePasswords":
      return `remove passwords of connector ${step.key}`;
    case "createGroup":
      return `create group ${step.key}`;
    case "updateGroup":
      return `change group ${step.key}`;
    case "orderNumbers":
      return `order ${wantedText(step.wanted)} for ${step.owner.kind} ${step.owner.key}`;
    case "associateNumbers":
      return `lead ${step.numbers.join(", ")} to ${step.owner.kind} ${step.owner.key}`;
    case "disassociateNumbers":
      return `take ${step.numbers.join(", ")} from ${step.owner.kind} ${step.owner.key}`;
    case "deleteGroup":
      return `delete group ${step.key} (${step.id})`;
    case "deleteConnector":
      return `delete connector ${step.key} (${step.id})`;
    case "releaseNumbers":
      return `release ${step.numbers.join(", ")}: they are lost`;
  }
}

/** The whole plan; a plan of nothing says so. */
export function planLines({ steps, warnings, blocks }: TrunkPlan): readonly PlanLine[] {
  return [
    ...steps.flatMap((step) => [
      { mark: markOf(step), text: subjectOf(step) },
      ...("changes" in step ? step.changes.map(changeLine) : []),
    ]),
    ...(steps.length === 0 && blocks.length === 0
      ? [{ mark: " " as const, text: "nothing to do: the account is as it shall be" }]
      : []),
    ...blocks.flatMap(({ subject, problem, advice }) => [
      { mark: "!" as const, text: `${subject}: ${problem}` },
      { mark: " " as const, text: `    ${advice}` },
    ]),
    ...warnings.map((text) => ({ mark: "!" as const, text })),
  ];
}

function markOf(step: TrunkStep): PlanLine["mark"] {
  if (isDestructive(step) || step.kind === "deleteSetting") {
    return "-";
  }
  const isNew =
    step.kind === "createConnector" ||
    step.kind === "createGroup" ||
    step.kind === "orderNumbers" ||
    step.kind === "associateNumbers";
  return isNew ? "+" : "~";
}

function changeLine({ field, before, after }: FieldChange): PlanLine {
  const what =
    before === undefined
      ? String(after)
      : after === undefined
        ? `${before} ->`
        : `${before} -> ${after}`;
  return { mark: " ", text: `    ${field}: ${what}` };
}

function wantedText(wanted: Extract<TrunkStep, { kind: "orderNumbers" }>["wanted"]): string {
  if ("prefix" in wanted) {
    const { count, country, type, prefix } = wanted;
    const sort = type === "tollFree" ? "toll-free" : "local";
    return `${count} ${sort} ${count === 1 ? "number" : "numbers"} (${country}, ${prefix})`;
  }
  return wanted.join(", ");
}

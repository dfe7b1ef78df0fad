/** Checks where a block leads: next, errors and conditions, as its type has them. */
import { z } from "zod";
import { didYouMean } from "../../core/did-you-mean.ts";
import type { ValuePath } from "../../core/schema-outline.ts";
import type { BlockType } from "./block-type.ts";
import type { BlockFinding } from "./finding.ts";

/** Comparisons that conditions make. */
const OPERATORS = [
  "Equals",
  "TextStartsWith",
  "TextEndsWith",
  "TextContains",
  "NumberGreaterThan",
  "NumberGreaterOrEqualTo",
  "NumberLessThan",
  "NumberLessOrEqualTo",
];
const MAX_CONDITIONS = 50;

const TARGET = z.string();
const ERRORS = z.array(z.object({ NextAction: TARGET, ErrorType: z.string() }));
const CONDITIONS = z.array(
  z.object({
    NextAction: TARGET,
    Condition: z.object({ Operator: z.string(), Operands: z.array(z.unknown()) }),
  }),
);

/** A way out of a block. */
export interface FlowEdge {
  readonly path: ValuePath;
  readonly target: string;
}

/** What came of it. */
export interface CheckedTransitions {
  readonly findings: readonly BlockFinding[];
  readonly edges: readonly FlowEdge[];
}

const PATH = ["Transitions"] as const;

/** @param type `undefined`: not known, and only the shape is checked. */
export function checkTransitions(value: unknown, type: BlockType | undefined): CheckedTransitions {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {
      findings: [{ path: PATH, text: "expected fields ({} for a block that ends the flow)" }],
      edges: [],
    };
  }
  const {
    NextAction: next,
    Errors: errors,
    Conditions: conditions,
    ...others
  } = value as Record<string, unknown>;
  const findings: BlockFinding[] = Object.keys(others).map((name) => ({
    path: [...PATH, name],
    of: "key",
    text: `unknown transition${didYouMean(name, ["NextAction", "Errors", "Conditions"])}`,
  }));
  const read = {
    errors: ERRORS.safeParse(errors ?? []),
    conditions: CONDITIONS.safeParse(conditions ?? []),
  };
  if (!read.errors.success) {
    findings.push({
      path: [...PATH, "Errors"],
      text: "expected a list of {NextAction, ErrorType}",
    });
  }
  if (!read.conditions.success) {
    const text = "expected a list of {NextAction, Condition: {Operator, Operands}}";
    findings.push({ path: [...PATH, "Conditions"], text });
  }
  const caught = read.errors.data ?? [];
  const branches = read.conditions.data ?? [];
  const edges: FlowEdge[] = [
    ...(typeof next === "string" ? [{ path: [...PATH, "NextAction"], target: next }] : []),
    ...caught.map(({ NextAction }, index) => ({
      path: [...PATH, "Errors", index, "NextAction"],
      target: NextAction,
    })),
    ...branches.map(({ NextAction }, index) => ({
      path: [...PATH, "Conditions", index, "NextAction"],
      target: NextAction,
    })),
  ];
  if (next !== undefined && typeof next !== "string") {
    findings.push({ path: [...PATH, "NextAction"], text: "expected the Identifier of a block" });
  }
  findings.push(...operatorProblems(branches));
  if (type !== undefined) {
    findings.push(
      ...nextProblems(next, edges.length, type),
      ...errorProblems(caught, type),
      ...conditionProblems(branches, type),
    );
  }
  return { findings, edges };
}

function nextProblems(next: unknown, ways: number, type: BlockType): readonly BlockFinding[] {
  const path = [...PATH, "NextAction"];
  if (type.next === "none") {
    return ways === 0 ? [] : [{ path: PATH, text: "expected {}: the flow ends at this block" }];
  }
  return next === undefined && type.next === "required"
    ? [{ path, of: "key", text: "is missing: expected the Identifier of a block" }]
    : [];
}

function errorProblems(
  caught: readonly { readonly ErrorType: string }[],
  type: BlockType,
): readonly BlockFinding[] {
  if (type.next === "none") {
    return [];
  }
  const known = type.errors.length === 0 ? "none" : type.errors.join(", ");
  const names = caught.map(({ ErrorType }) => ErrorType);
  return [
    ...names.flatMap((name, index) =>
      type.errors.includes(name)
        ? names.indexOf(name) === index
          ? []
          : [
              {
                path: [...PATH, "Errors", index, "ErrorType"],
                text: `catches ${name} for the second time`,
              },
            ]
        : [
            {
              path: [...PATH, "Errors", index, "ErrorType"],
              text: `expected an error of this block (${known}), found "${name}"${didYouMean(name, type.errors)}`,
            },
          ],
    ),
    ...(type.mustCatch ?? [])
      .filter((name) => !names.includes(name))
      .map((name) => ({
        path: [...PATH, "Errors"],
        text: `expected an entry with ErrorType "${name}"`,
      })),
  ];
}

type Branch = z.output<typeof CONDITIONS>[number];

function operatorProblems(branches: readonly Branch[]): readonly BlockFinding[] {
  const bound: readonly BlockFinding[] =
    branches.length > MAX_CONDITIONS
      ? [
          {
            path: [...PATH, "Conditions"],
            text: `expected at most ${MAX_CONDITIONS}, found ${branches.length}`,
          },
        ]
      : [];
  return [
    ...bound,
    ...branches.flatMap(({ Condition: { Operator, Operands } }, index): readonly BlockFinding[] => {
      const path = [...PATH, "Conditions", index, "Condition"];
      const isOne = Operands.length === 1 && typeof Operands[0] === "string";
      return [
        ...(OPERATORS.includes(Operator)
          ? []
          : [
              {
                path: [...path, "Operator"],
                text: `expected one of ${OPERATORS.join(", ")}, found "${Operator}"${didYouMean(Operator, OPERATORS)}`,
              },
            ]),
        ...(isOne
          ? []
          : [{ path: [...path, "Operands"], text: "expected a list of exactly one string" }]),
      ];
    }),
  ];
}

function conditionProblems(
  branches: readonly Branch[],
  { conditions }: BlockType,
): readonly BlockFinding[] {
  const path = [...PATH, "Conditions"];
  if (conditions === "none") {
    return branches.length === 0
      ? []
      : [{ path, text: "expected none: this block does not branch" }];
  }
  if (conditions === "optional") {
    return [];
  }
  if (conditions === "required") {
    return branches.length > 0 ? [] : [{ path, text: "expected at least one condition" }];
  }
  const operands = branches.map(({ Condition }) => String(Condition.Operands[0]));
  return [
    ...conditions.choices
      .filter((choice) => !operands.includes(choice))
      .map((choice) => ({ path, text: `expected a condition Equals "${choice}"` })),
    ...operands.flatMap((operand, index) =>
      conditions.choices.includes(operand)
        ? []
        : [
            {
              path: [...path, index, "Condition", "Operands"],
              text: `expected "${conditions.choices.join('" or "')}", found "${operand}"`,
            },
          ],
    ),
  ];
}

/** How the blocks of a contact flow hang together: where ways lead, what no way reaches, and which ARNs do not fit together. */
import { didYouMean } from "../../core/did-you-mean.ts";
import { type ArnPlace, readArn } from "./arns.ts";
import type { FoundArn } from "./check-parameters.ts";
import type { FlowEdge } from "./check-transitions.ts";
import type { BlockFinding } from "./finding.ts";

/** A block that was checked by itself. */
export interface CheckedBlock {
  readonly index: number;
  readonly identifier: string;
  readonly findings: readonly BlockFinding[];
  readonly edges: readonly FlowEdge[];
  readonly arns: readonly FoundArn[];
}

/** A finding, and whose it is. */
export interface Blamed {
  /** `undefined`: the flow as a whole. */
  readonly block: CheckedBlock | undefined;
  readonly finding: BlockFinding;
}

/** Names that are there twice, ways that lead nowhere, blocks that no way leads to. */
export function graphProblems(value: unknown, blocks: readonly CheckedBlock[]): readonly Blamed[] {
  const byName = new Map(blocks.map((block) => [block.identifier, block]));
  const names = [...byName.keys()];
  const problems: Blamed[] = [];
  for (const block of blocks) {
    if (byName.get(block.identifier) !== block) {
      const text = "another block has the same Identifier";
      problems.push({ block, finding: { path: ["Identifier"], text } });
    }
    for (const { path, target } of block.edges) {
      if (!byName.has(target)) {
        const text = `expected the Identifier of a block, found "${target}"${didYouMean(target, names)}`;
        problems.push({ block, finding: { path, text } });
      }
    }
  }
  const start = (value as { StartAction?: unknown }).StartAction;
  if (typeof start !== "string") {
    return problems;
  }
  if (!byName.has(start)) {
    const text = `expected the Identifier of a block, found "${start}"${didYouMean(start, names)}`;
    return [...problems, { block: undefined, finding: { path: ["StartAction"], text } }];
  }
  const reached = reachedFrom(start, byName);
  const unreached = blocks.filter(({ identifier }) => !reached.has(identifier));
  return [
    ...problems,
    ...unreached.map((block) => ({
      block,
      finding: { path: ["Identifier"], text: "no way leads to this block from StartAction" },
    })),
  ];
}

function reachedFrom(start: string, byName: ReadonlyMap<string, CheckedBlock>): Set<string> {
  const reached = new Set<string>([start]);
  for (const name of reached) {
    for (const { target } of byName.get(name)?.edges ?? []) {
      reached.add(target);
    }
  }
  return reached;
}

/** ARNs of one flow belong to one region, and to one instance. */
export function placeProblems(
  blocks: readonly CheckedBlock[],
  region: string | undefined,
): readonly Blamed[] {
  const found = blocks.flatMap((block) =>
    block.arns.map((each) => ({
      block,
      ...each,
      place: readArn(each.kind, each.text) as ArnPlace,
    })),
  );
  const expected = {
    region: region ?? mostCommon(found.map(({ place }) => place.region)),
    instanceId: mostCommon(found.flatMap(({ place }) => place.instanceId ?? [])),
  };
  return found.flatMap(({ block, path, place }): readonly Blamed[] => {
    if (place.region !== expected.region) {
      const text = `expected an ARN of ${expected.region}, found one of ${place.region}`;
      return [{ block, finding: { path, text } }];
    }
    return place.instanceId === undefined || place.instanceId === expected.instanceId
      ? []
      : [
          {
            block,
            finding: {
              path,
              text: `expected an ARN of the instance ${expected.instanceId}, found one of another`,
            },
          },
        ];
  });
}

function mostCommon(texts: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const text of texts) {
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].toSorted(([, one], [, other]) => other - one)[0]?.[0];
}

/** The block of the transfer connector has two spellings: what the console exports, and what the developer guide writes. */
import type { BlockFinding } from "./finding.ts";

/** Which of the two; `exported` is what was seen to work. */
export type ConnectorSpelling = "exported" | "documented";

const LIMIT = {
  exported: "ThirdPartyConnectionTimeLimitSeconds",
  documented: "ThirdPartyConnectionTimeoutSeconds",
} as const;
const TYPE = { exported: "CallTransferConnector", documented: "ChimeConnector" } as const;

type Fields = Readonly<Record<string, unknown>>;

/** A block that mixes the two. */
export function spellingProblems(parameters: Fields): readonly BlockFinding[] {
  const connector = parameters["VoiceConnector"];
  const type = isFields(connector) ? connector["VoiceConnectorType"] : undefined;
  const spelling =
    type === TYPE.exported ? "exported" : type === TYPE.documented ? "documented" : undefined;
  if (spelling === undefined) {
    return [];
  }
  const other = spelling === "exported" ? "documented" : "exported";
  return parameters[LIMIT[other]] === undefined
    ? []
    : [
        {
          path: ["Parameters", LIMIT[other]],
          of: "key",
          text: `expected ${LIMIT[spelling]} beside VoiceConnectorType "${TYPE[spelling]}"`,
        },
      ];
}

/** A whole flow in the spelling wanted, each line where it was. */
export function spellConnector(text: string, spelling: ConnectorSpelling): string {
  const other = spelling === "exported" ? "documented" : "exported";
  return text
    .replaceAll(`"${LIMIT[other]}"`, `"${LIMIT[spelling]}"`)
    .replaceAll(`"${TYPE[other]}"`, `"${TYPE[spelling]}"`);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

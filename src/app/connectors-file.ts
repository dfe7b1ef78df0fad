/** What `trunkline trunks apply` leaves behind for the gateway: which Voice Connector a key stands for. */
import { z } from "zod";
import { parseYamlDocument } from "../core/yaml-document.ts";
import type { TextFiles } from "./files.ts";

/** A connector that is there. */
export interface ProvisionedConnector {
  readonly key: string;
  readonly id: string;
  /** Where calls of ours go. */
  readonly host: string;
  readonly region: string;
}

const connectorsFileSchema = z.strictObject({
  deployment: z.string(),
  connectors: z.record(
    z.string(),
    z.strictObject({
      id: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
      host: z.string().regex(/^[A-Za-z0-9.-]{1,253}$/),
      region: z.string(),
    }),
  ),
});

/** Beside the file of trunks. */
export function connectorsFileOf(trunksFile: string): string {
  return `${trunksFile.replace(/\.ya?ml$/, "")}.connectors.yaml`;
}

/**
 * The connectors of a deployment; none where there is no file.
 *
 * @throws GatewayError CONFIG_INVALID
 */
export function readConnectorsFile(
  file: string,
  deployment: string,
  files: TextFiles,
): readonly ProvisionedConnector[] {
  if (!files.exists(file)) {
    return [];
  }
  const found = parseYamlDocument(files.read(file), file, connectorsFileSchema);
  return found.deployment === deployment
    ? Object.entries(found.connectors).map(([key, connector]) => ({ key, ...connector }))
    : [];
}

/** The text of the file. */
export function connectorsFileText(
  deployment: string,
  connectors: readonly ProvisionedConnector[],
): string {
  const lines = [...connectors]
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(
      ({ key, id, host, region }) =>
        `  ${JSON.stringify(key)}: { id: ${JSON.stringify(id)}, host: ${JSON.stringify(host)}, region: ${JSON.stringify(region)} }`,
    );
  return [
    "# Written by `trunkline trunks apply` and `trunkline trunks show --write`; the gateway reads it at its start.",
    "# It holds nothing that the account does not: when it is lost, `show --write` makes it again.",
    `deployment: ${JSON.stringify(deployment)}`,
    lines.length === 0 ? "connectors: {}" : "connectors:",
    ...lines,
    "",
  ].join("\n");
}

/** The Voice Connectors of `trunks apply` as contact flows name them: by ARN. */
import type { Config } from "./config.ts";
import { connectorsFileOf, readConnectorsFile } from "./connectors-file.ts";
import { loadProvision } from "./load-provision.ts";
import type { TrunkSources } from "./trunks-file.ts";

/**
 * Key → ARN; they are in the account of the instance.
 *
 * @throws GatewayError CONFIG_INVALID
 */
export function connectorArns(
  config: Config,
  accountId: string | undefined,
  sources: TrunkSources,
): ReadonlyMap<string, string> {
  const deployment = loadProvision(config, sources)?.deployment;
  const connectors =
    deployment === undefined
      ? []
      : readConnectorsFile(connectorsFileOf(config.trunks), deployment, sources.files);
  return new Map(
    connectors.map(({ key, region, id }) => [
      key,
      `arn:aws:chime:${region}:${accountId ?? ""}:vc/${id}`,
    ]),
  );
}

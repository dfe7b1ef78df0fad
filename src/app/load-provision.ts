/** What shall be provisioned, with every default filled in. */
import type {
  ConnectorWish,
  GroupWish,
  NumberSearch,
  OriginationWish,
  Provision,
  TerminationWish,
} from "../provisioning/trunk-wish.ts";
import type { Config } from "./config.ts";
import type { WrittenProvision } from "./provision-schema.ts";
import { readTrunksFile, type TrunkSources } from "./trunks-file.ts";

type WrittenConnector = WrittenProvision["connectors"][string];
type WrittenSearch = WrittenConnector["search"];

/**
 * The `provision` part of `config.trunks`; `undefined`: there is none.
 *
 * @throws GatewayError CONFIG_INVALID with every problem; never with a secret.
 */
export function loadProvision(config: Config, sources: TrunkSources): Provision | undefined {
  const written = readTrunksFile(config, sources)?.provision;
  if (written === undefined) {
    return undefined;
  }
  const { deployment } = written;
  return {
    deployment,
    connectors: Object.entries(written.connectors).map(([key, connector]) =>
      connectorWish(key, connector, { deployment, region: config.aws.region }),
    ),
    groups: Object.entries(written.groups).map(
      ([key, { connectors, distribution, numbers, search }]): GroupWish => ({
        key,
        connectors,
        distribution,
        numbers,
        search: searchesOf(search),
      }),
    ),
  };
}

function connectorWish(
  key: string,
  written: WrittenConnector,
  defaults: { readonly deployment: string; readonly region: string },
): ConnectorWish {
  const { name, kind, region, network, encryption, logging, streaming, tags } = written;
  return {
    key,
    name: name ?? `${defaults.deployment} ${key}`,
    region: region ?? defaults.region,
    kind,
    network,
    encryption,
    origination: originationWish(written),
    termination: terminationWish(written),
    credentials: written.termination?.credentials ?? [],
    logging,
    streaming,
    externalSystems: written.externalSystems,
    numbers: written.numbers,
    search: searchesOf(written.search),
    tags,
  };
}

function originationWish({
  origination,
  encryption,
}: WrittenConnector): OriginationWish | undefined {
  if (origination === undefined) {
    return undefined;
  }
  const { disabled, routes } = origination;
  return {
    disabled,
    routes: routes.map(({ host, port, transport, priority, weight }) => ({
      host,
      port: port ?? (encryption ? 5061 : 5060),
      transport: transport ?? (encryption ? "tcp" : "udp"),
      priority,
      weight,
    })),
  };
}

function terminationWish({ termination }: WrittenConnector): TerminationWish | undefined {
  if (termination === undefined) {
    return undefined;
  }
  const { disabled, networks, callsPerSecond, countries, defaultNumber } = termination;
  return { disabled, networks, callsPerSecond, countries, defaultNumber };
}

/** Numbers of Voice Connectors are those of the United States. */
function searchesOf(searches: WrittenSearch): readonly NumberSearch[] {
  return searches.map((search) => ({ ...search, country: "US" }));
}

/** Fills in a trunk that names a provisioned Voice Connector: nobody copies host names and networks by hand. */
import type { Trunk } from "../call/trunk.ts";
import {
  connectorsFileOf,
  type ProvisionedConnector,
  readConnectorsFile,
} from "./connectors-file.ts";
import type { TextFiles } from "./files.ts";
import type { WrittenTrunk } from "./trunk-schema.ts";
import type { TrunksFile } from "./trunks-file.ts";

/** Where connectors are looked up. */
export interface ConnectorSources {
  /** The file of trunks. */
  readonly file: string;
  readonly files: TextFiles;
}

/** Trunks with all they need, and what is wrong with those that name no connector that is there. */
export interface CompletedTrunks {
  readonly trunks: readonly Trunk[];
  readonly problems: readonly string[];
}

/** Completes every trunk; what is written beside `connector` wins. */
export function completeTrunks(
  written: TrunksFile,
  { file, files }: ConnectorSources,
): CompletedTrunks {
  const { provision, trunks, problem } = written;
  const isAnyNamed = trunks.some(({ connector }) => connector !== undefined);
  const known =
    isAnyNamed && provision !== undefined
      ? readConnectorsFile(connectorsFileOf(file), provision.deployment, files)
      : [];
  const problems: string[] = [];
  const completed = trunks.map((trunk, index) => {
    const { connector: key } = trunk;
    const found = known.find((connector) => connector.key === key);
    if (key === undefined || found !== undefined) {
      return found === undefined ? plain(trunk) : withConnector(trunk, index, found, written);
    }
    const isWished = Object.hasOwn(provision?.connectors ?? {}, key);
    const text = isWished
      ? `connector "${key}" is not there yet: run trunkline trunks apply`
      : `there is no connector "${key}" under provision`;
    problems.push(problem([index, "connector"], text));
    return plain(trunk);
  });
  return { trunks: completed, problems };
}

function withConnector(
  trunk: WrittenTrunk,
  index: number,
  { key, host, region }: ProvisionedConnector,
  { provision, isWritten }: TrunksFile,
): Trunk {
  const wish = provision?.connectors[key];
  const isEncrypted = wish?.encryption === true;
  const credential = wish?.termination?.credentials[0];
  const { digest } = trunk;
  return {
    ...plain(trunk),
    host: wish?.termination === undefined ? undefined : host,
    networks: isWritten(index, "networks") ? trunk.networks : [`voice-connector:${region}`],
    transport: isEncrypted && !isWritten(index, "transport") ? "tls" : trunk.transport,
    srtp: trunk.srtp ?? (isEncrypted ? "required" : undefined),
    digest: { ...digest, outbound: digest.outbound ?? credential },
  };
}

function plain({ connector: _connector, ...trunk }: WrittenTrunk): Trunk {
  return trunk;
}

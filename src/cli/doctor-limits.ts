/** What the doctor says of the system's limits: ports that others may take, and how many files may be open. */
import type { Config } from "../app/config.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

/** Two sockets of media, one to a model, one of SIP over a connection. */
const FILES_OF_CALL = 4;
/** The process itself: its libraries, its store, its log, its API. */
const FILES_OF_PROCESS = 256;

/** Warnings: calls are lost only when there are many. */
export function limitChecks(config: Config, machine: Machine): readonly Check[] {
  return [...localPortsChecks(config, machine), ...openFilesChecks(config, machine)];
}

function localPortsChecks({ media }: Config, machine: Machine): readonly Check[] {
  const range = machine.localPorts();
  const { min, max } = media.ports;
  if (range === undefined || range.max < min || range.min > max) {
    return [];
  }
  const from = Math.max(min, range.min);
  const to = Math.min(max, range.max);
  const isReserved = range.reserved.some((each) => each.min <= from && each.max >= to);
  return isReserved
    ? []
    : [
        {
          name: "local ports",
          level: "warn",
          finding: `the system gives ports ${from} to ${to} of media.ports to other sockets: calls may find theirs taken`,
          advice: `sysctl -w net.ipv4.ip_local_reserved_ports=${min}-${max}, or move media.ports below ${range.min}`,
        },
      ];
}

function openFilesChecks({ calls }: Config, machine: Machine): readonly Check[] {
  const limit = machine.openFilesLimit();
  const need = calls.max * FILES_OF_CALL + FILES_OF_PROCESS;
  return limit === undefined || limit >= need
    ? []
    : [
        {
          name: "open files",
          level: "warn",
          finding: `${limit} may be open, ${calls.max} calls need about ${need}: later ones fail with 500`,
          advice: `ulimit -n ${need} (LimitNOFILE= of systemd, ulimits of a container), or lower calls.max`,
        },
      ];
}

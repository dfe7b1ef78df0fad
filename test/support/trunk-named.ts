/** Trunks as the file's defaults make them. */
import type { Trunk } from "../../src/call/trunk.ts";

/** A trunk of that name, with what differs from a trunk that only has a name. */
export function trunkNamed(name: string, differing: Partial<Trunk> = {}): Trunk {
  return {
    name,
    networks: [],
    transport: "udp",
    digest: {},
    codecs: ["pcmu", "pcma"],
    headers: { keep: [], set: {}, remove: [] },
    identity: { trustAsserted: false, assert: false, privacy: "none" },
    destinations: { allow: [], deny: [] },
    ...differing,
  };
}

/** Builds the door of voice by A2A. */
import { A2aDoor } from "../ingress/a2a/a2a-door.ts";
import type { A2aParts } from "../ingress/a2a/a2a-session-options.ts";
import type { Config } from "./config.ts";

/** What the door runs on. */
export interface A2aDoorParts extends Omit<A2aParts, "rates" | "spanText"> {
  readonly version: string;
}

/** The API closes it. */
export function composeA2a({ a2a }: Pick<Config, "a2a">, parts: A2aDoorParts): A2aDoor {
  const { keys, maxSessions, inputRateHz, outputRateHz, spanText, publicUrl } = a2a;
  return new A2aDoor({
    ...parts,
    keys: keys.map(({ name, key, flow, model }) => ({ name, key, flow, model })),
    maxSessions,
    rates: { inputRateHz, outputRateHz },
    spanText,
    publicUrl,
  });
}

/** What can be wrong with who may call: peers that cannot reach us, and strangers who can. */
import type { Config } from "../app/config.ts";
import type { CallScripts } from "../app/load-flows.ts";
import { isLoopback } from "../core/ip-address.ts";
import { parseNetwork } from "../core/network.ts";
import type { Check } from "./doctor-checks.ts";

type Trunks = CallScripts["trunks"]["trunks"];

const MIN_PASSWORD_CHARACTERS = 12;
/** A shorter prefix holds more than any one peer has, in bits by bytes of an address. */
const WIDEST_PREFIX_BITS: Readonly<Record<number, number>> = { 4: 8, 16: 16 };

/** One finding for each thing to change; one that says who may call when there is none. */
export function admissionChecks(config: Config, trunks: Trunks): readonly Check[] {
  const troubles = [
    ...reachTroubles(config, trunks),
    ...hidingTroubles(config),
    ...trunks.flatMap((trunk) => opennessTroubles(trunk)),
  ];
  return troubles.length > 0
    ? troubles.map((trouble) => ({ name: "callers", level: "warn", ...trouble }))
    : [{ name: "callers", level: "ok", finding: callersText(config, trunks) }];
}

type Trouble = Pick<Check, "finding" | "advice">;

function callersText({ sip }: Config, trunks: Trunks): string {
  const names = trunks.map(({ name }) => name);
  const callers = [
    ...names.map((name) => `trunk ${name}`),
    ...(sip.trustLoopback ? ["this machine"] : []),
  ];
  const strangers = sip.hideFromStrangers ? "others get no answer" : "others are refused";
  return `${callers.length === 0 ? "nobody" : callers.join(", ")}; ${strangers}`;
}

function reachTroubles({ sip, trunks: file }: Config, trunks: Trunks): readonly Trouble[] {
  if (!isLoopback(sip.host)) {
    return trunks.length > 0
      ? []
      : [
          {
            finding: `SIP is bound to ${sip.host}, but there are no trunks: nobody from outside may call`,
            advice: `describe who may in ${file}; sip-config/trunks.example.yaml shows how`,
          },
        ];
  }
  const outside = trunks.filter(
    ({ networks }) => !networks.every((text) => isLoopbackNetwork(text)),
  );
  return outside.map(({ name }) => ({
    finding: `trunk ${name} cannot reach SIP on ${sip.host}`,
    advice: "set sip.host to an address of this machine, or 0.0.0.0",
  }));
}

function hidingTroubles({ sip }: Config): readonly Trouble[] {
  return sip.hideFromStrangers && sip.drachtio !== "embedded"
    ? [
        {
          finding: "a drachtio-server answers strangers, whatever sip.hideFromStrangers says",
          advice: "set sip.drachtio to embedded, or let a firewall drop what is of no trunk",
        },
      ]
    : [];
}

function opennessTroubles({ name, networks, digest }: Trunks[number]): readonly Trouble[] {
  const { inbound } = digest;
  const wide = inbound === undefined ? networks.filter((text) => isWide(text)) : [];
  const isShort = inbound !== undefined && inbound.password.length < MIN_PASSWORD_CHARACTERS;
  return [
    ...wide.map((text) => ({
      finding: `trunk ${name} takes calls of everybody in ${text} without a password`,
      advice: "write the peer's own networks, or ask for a password with digest.inbound",
    })),
    ...(isShort && networks.length === 0
      ? [
          {
            finding: `trunk ${name} is known by a password of less than ${MIN_PASSWORD_CHARACTERS} characters`,
            advice: "use a longer one: anybody may try",
          },
        ]
      : []),
  ];
}

function isWide(text: string): boolean {
  const network = parseNetwork(text);
  return (
    network !== undefined && network.prefixBits < (WIDEST_PREFIX_BITS[network.bytes.length] ?? 0)
  );
}

function isLoopbackNetwork(text: string): boolean {
  return isLoopback(text.split("/", 1)[0] as string);
}

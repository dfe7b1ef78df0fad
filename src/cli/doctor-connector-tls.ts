/** What the doctor says of encrypted Voice Connectors: what their TLS asks of our certificate, which AWS checks on every call. */
import type { Config } from "../app/config.ts";
import type { TextFiles } from "../app/files.ts";
import { coversName, inspectCertificate } from "../core/certificate.ts";
import { type ChainTrouble, inspectChain } from "../core/certificate-chain.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import type { Check } from "./doctor-checks.ts";

type Tls = NonNullable<Config["sip"]["tls"]>;
type Trouble = Pick<Check, "level" | "finding" | "advice">;

const NAME = "tls for Voice Connectors";

const CHAINS: Readonly<Record<NonNullable<ChainTrouble>, string>> = {
  selfSigned: "was signed by itself",
  broken: "comes without the certificates between it and its authority, or in the wrong order",
  notPublic: "ends at an authority that is not public",
};

/** Nothing where no connector encrypts what it sends to us. */
export function connectorTlsChecks(
  provision: Provision,
  config: Config,
  files: TextFiles,
): readonly Check[] {
  const encrypted = provision.connectors.filter(
    ({ encryption, origination }) => encryption && origination?.disabled === false,
  );
  const hosts = [
    ...new Set(
      encrypted.flatMap(({ origination }) => origination?.routes ?? []).map(({ host }) => host),
    ),
  ];
  const { sip, trunks } = config;
  // A drachtio-server has certificates of its own.
  if (hosts.length === 0 || sip.drachtio !== "embedded") {
    return [];
  }
  if (sip.tls === undefined) {
    return [
      {
        name: NAME,
        level: "fail",
        finding: `${encrypted.map(({ key }) => key).join(", ")} call by TLS only, and there is no sip.tls: no call gets here`,
        advice: `set sip.tls with a certificate for ${hosts.join(", ")}, or encryption: false in ${trunks}`,
      },
    ];
  }
  const { tls } = sip;
  const troubles = [
    ...clientTroubles(tls),
    ...hosts.flatMap((host) => certificateTroubles(host, tls, files)),
  ];
  return troubles.length > 0
    ? troubles.map((trouble) => ({ name: NAME, ...trouble }))
    : [{ name: NAME, level: "ok", finding: `the certificate fits ${hosts.join(", ")}` }];
}

function clientTroubles({ clientCertificates }: Tls): readonly Trouble[] {
  if (clientCertificates === "none") {
    return [];
  }
  const isRequired = clientCertificates === "require";
  return [
    {
      level: isRequired ? "fail" : "warn",
      finding: `sip.tls.clientCertificates is ${clientCertificates}, and a Voice Connector has none to show${isRequired ? ": every call of it is refused" : ": AWS says not to ask"}`,
      advice: "set sip.tls.clientCertificates to none; trunks are known by their networks",
    },
  ];
}

/** The same choice as when a call comes: by the name that is asked for, else the first. */
function certificateTroubles(host: string, tls: Tls, files: TextFiles): readonly Trouble[] {
  const pair = tls.serverNames.find(({ name }) => coversName(name, host)) ?? tls;
  const cert = textOf(pair.cert, files);
  const key = textOf(pair.key, files);
  // Files that cannot be read, or are none, are told by whoever looks at certificates as such.
  const found = cert === undefined || key === undefined ? undefined : inspectCertificate(cert, key);
  if (cert === undefined || found?.kind !== "good") {
    return [];
  }
  const { names } = found.facts;
  const { trouble, keyType } = inspectChain(cert);
  return [
    ...(names.some((name) => coversName(name, host))
      ? []
      : [
          {
            level: "fail" as const,
            finding: `${pair.cert} is for ${names.join(", ")}, and AWS calls ${host}: it hangs up before the call begins`,
            advice: `have it issued for ${host}, or correct host of the route`,
          },
        ]),
    ...(trouble === undefined
      ? []
      : [
          {
            level: "fail" as const,
            finding: `${pair.cert} ${CHAINS[trouble]}: AWS trusts public authorities only, and hangs up`,
            advice:
              "use the full chain of a public authority (fullchain.pem of Let's Encrypt), own certificate first",
          },
        ]),
    ...(keyType === "rsa"
      ? []
      : [
          {
            level: "warn" as const,
            finding: `the key of ${pair.cert} is of kind ${keyType}: with TLS 1.2 AWS offers cipher suites of RSA keys only`,
            advice: "have a certificate issued for an RSA key of 2048 bits or more",
          },
        ]),
  ];
}

function textOf(file: string, files: TextFiles): string | undefined {
  try {
    return files.read(file);
  } catch {
    return undefined;
  }
}

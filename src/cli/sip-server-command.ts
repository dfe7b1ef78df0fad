/** The command line of `trunkline sip-server`. */
import { type Command, InvalidArgumentError } from "commander";
import type { Endpoint, TlsEndpoint } from "../app/sip-server.ts";
import { isLoopback } from "../core/ip-address.ts";
import type { ExitCode } from "./context.ts";
import { ENDPOINT_HINT, parseEndpoint } from "./endpoint.ts";

/** Options of `trunkline sip-server`. */
export interface SipServerCommandOptions {
  readonly sip: Endpoint;
  readonly tls: TlsEndpoint | undefined;
  readonly admin: Endpoint;
  readonly secret: string;
  readonly json: boolean;
}

interface Flags extends Omit<SipServerCommandOptions, "tls"> {
  readonly tls?: Endpoint;
  readonly cert?: string;
  readonly key?: string;
}

/** What drachtio applications use when nothing else is said. */
const DEFAULT_ADMIN = { host: "127.0.0.1", port: 9022 };
const DEFAULT_SECRET = "cymru";
const DEFAULT_SIP = { host: "127.0.0.1", port: 5060 };

/** Adds the command; wrong usage ends with exit code 2. */
export function addSipServer(
  program: Command,
  run: (options: SipServerCommandOptions) => Promise<ExitCode>,
  onExit: (code: ExitCode) => void,
): void {
  program
    .command("sip-server")
    .description("run the SIP server alone, for a drachtio application of your own")
    .option("--sip <host:port>", "where SIP is taken, UDP and TCP (127.0.0.1:5060)", endpoint)
    .option("--tls <host:port>", "where SIP is taken over TLS, with --cert and --key", endpoint)
    .option("--cert <file>", "certificate chain for --tls, PEM")
    .option("--key <file>", "private key for --tls, PEM")
    .option("--admin <host:port>", "where applications connect (127.0.0.1:9022)", endpoint)
    .option("--secret <secret>", `what applications must know (${DEFAULT_SECRET})`)
    .option("--json", "print JSON, one object a line", false)
    .action(async (flags: Partial<Flags> & { json: boolean }, command: Command) => {
      const options: Flags = {
        sip: DEFAULT_SIP,
        admin: DEFAULT_ADMIN,
        secret: DEFAULT_SECRET,
        ...flags,
      };
      const objection = objectionTo(options);
      if (objection !== undefined) {
        command.error(`error: ${objection}`, { exitCode: 2 });
      }
      const { tls: at, cert, key, ...plain } = options;
      const tls =
        at === undefined || cert === undefined || key === undefined
          ? undefined
          : { port: at.port, cert, key };
      onExit(await run({ ...plain, tls }));
    });
}

function objectionTo(flags: Flags): string | undefined {
  const parts = [flags.tls, flags.cert, flags.key];
  if (parts.includes(undefined) && parts.some((part) => part !== undefined)) {
    return "--tls, --cert and --key belong together: give all three, or none";
  }
  if (flags.tls !== undefined && flags.tls.host !== flags.sip.host) {
    return `--tls must name the address of --sip, ${flags.sip.host}: only the port may differ`;
  }
  if (flags.secret === "" || /[|\r\n]/.test(flags.secret)) {
    return "--secret may not be empty, and may not hold | or a line end";
  }
  const isOpen = flags.admin.host !== "localhost" && !isLoopback(flags.admin.host);
  return isOpen && flags.secret === DEFAULT_SECRET
    ? `--admin ${flags.admin.host} can be reached from other machines: choose a --secret of your own`
    : undefined;
}

function endpoint(text: string): Endpoint {
  const parsed = parseEndpoint(text);
  if (parsed === undefined) {
    throw new InvalidArgumentError(ENDPOINT_HINT);
  }
  return parsed;
}

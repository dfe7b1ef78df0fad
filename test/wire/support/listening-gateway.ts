/** A gateway whose recording sessions are listened to by a service that knows numbered tones. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type GatewayExit, GatewayProcess, type GatewaySettings } from "./gateway-process.ts";
import { startToneListener } from "./tone-listener.ts";

/** What the call log shows of a recording session. */
export interface RecordingLog {
  readonly mode: string;
  readonly contactId: string | null;
  readonly participants: readonly {
    readonly id: string;
    readonly role: string;
    readonly name: string | null;
  }[];
  readonly transcript: readonly {
    readonly role?: string;
    readonly participantId?: string;
    readonly text: string;
  }[];
  readonly verdict: { readonly endedBy: string; readonly outcome: string };
  readonly stats: { readonly packetsReceived: number; readonly packetsLost: number };
}

/** The running pair. */
export interface ListeningGateway {
  readonly gateway: GatewayProcess;
  logOf(sipCallId: string): Promise<RecordingLog>;
  /** `LABEL: TEXT` of everything said so far on calls in progress. */
  said(): Promise<readonly string[]>;
  stop(): Promise<GatewayExit>;
}

/** `LABEL: TEXT` of each line, in order. */
export function linesOf({ transcript }: Pick<RecordingLog, "transcript">): readonly string[] {
  return transcript.map(({ participantId = "?", text }) => `${participantId}: ${text}`);
}

/** Whoever came first is the customer. */
const BY_ORDER = "  - role: customer\n    when: { first: true }\n";

/** Starts both. @param roles rules of the flow `assist`, as YAML. */
export async function startListeningGateway(
  settings: GatewaySettings = {},
  { roles = BY_ORDER }: { readonly roles?: string } = {},
): Promise<ListeningGateway> {
  const listener = await startToneListener();
  const folder = mkdtempSync(join(tmpdir(), "wire-listening-"));
  mkdirSync(join(folder, "flows"));
  const text = `mode: assist\nears:\n  model: tones\nroles:\n${roles}`;
  writeFileSync(join(folder, "flows", "assist.yaml"), text);
  writeFileSync(join(folder, "flows", "agent.yaml"), "model: tones\n");
  const gateway = await GatewayProcess.start({
    FLOWS: join(folder, "flows"),
    MODELS__TONES__KIND: "openai",
    MODELS__TONES__URL: listener.url,
    MODELS__TONES__API_KEY: "sk-tones",
    ...settings,
  });
  const logOf = async (sipCallId: string) =>
    (await gateway.callLog(sipCallId)) as unknown as RecordingLog;
  return {
    gateway,
    logOf,
    said: async () => {
      const calls = await gateway.calls();
      const shown = await Promise.all(calls.map(({ callId }) => gateway.show(callId)));
      return shown.flatMap((call) => linesOf(call as unknown as RecordingLog));
    },
    stop: async () => {
      const exit = await gateway.stop();
      await listener.close();
      rmSync(folder, { recursive: true, force: true });
      return exit;
    },
  };
}

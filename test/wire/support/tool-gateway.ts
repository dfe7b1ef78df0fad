/** A gateway whose flow talks with the OpenAI stand-in, and webhooks of the test that its tools ask. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { OpenAiScript } from "../../support/openai/script.ts";
import { STAND_IN_KEY, type StandIn, startOpenAiStandIn } from "../../support/openai-stand-in.ts";
import { GatewayProcess } from "./gateway-process.ts";

const PROMPTS = fileURLToPath(new URL("../../../flows/prompts", import.meta.url));
/** Where webhooks listen: not the address that `localhost` leads to. */
export const HOOK_ADDRESS = "127.0.0.2";
/** Key of the webhooks' signatures. */
export const HOOK_SECRET = "a-secret-of-the-webhooks";

/** A request that a webhook got. */
export interface HookRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What runs. Whoever starts it stops it. */
export interface ToolGateway {
  readonly gateway: GatewayProcess;
  readonly standIn: StandIn;
  readonly requests: readonly HookRequest[];
  /** Rejects when the gateway did not end well. */
  stop(): Promise<void>;
}

/** What the test decides. */
export interface ToolGatewayOptions {
  readonly script: OpenAiScript;
  /** The flow `agent`; `PORT` is the webhooks', `SECRET_FILE` holds their secret. */
  readonly flow: string;
  readonly answer?: (request: HookRequest, response: ServerResponse) => void;
}

/** Resolves when calls can come in. */
export async function startToolGateway(options: ToolGatewayOptions): Promise<ToolGateway> {
  const requests: HookRequest[] = [];
  const hooks = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { url: path = "", headers } = request;
      const heard = { path, headers, body: Buffer.concat(chunks).toString() };
      requests.push(heard);
      options.answer?.(heard, response);
    });
  });
  await new Promise<void>((resolve) => hooks.listen(0, HOOK_ADDRESS, resolve));
  const { port } = hooks.address() as AddressInfo;
  const standIn = await startOpenAiStandIn({ port: 0, script: options.script });
  const folder = mkdtempSync(join(tmpdir(), "wire-tools-"));
  mkdirSync(join(folder, "flows"));
  symlinkSync(PROMPTS, join(folder, "flows", "prompts"));
  const secret = join(folder, "secret");
  writeFileSync(secret, HOOK_SECRET);
  const flow = options.flow.replaceAll("PORT", String(port)).replaceAll("SECRET_FILE", secret);
  writeFileSync(join(folder, "flows", "agent.yaml"), flow);
  writeFileSync(
    join(folder, "gateway.yaml"),
    `flows: ${join(folder, "flows")}
tools: { allowedHosts: [localhost, ${HOOK_ADDRESS}] }
models: { openai: { kind: openai, url: "${standIn.url}", apiKey: ${STAND_IN_KEY} } }
`,
  );
  const gateway = await GatewayProcess.start({ CONFIG: join(folder, "gateway.yaml") });
  return {
    gateway,
    standIn,
    requests,
    stop: async () => {
      const { code, leftBehind } = await gateway.stop();
      await standIn.close();
      hooks.closeAllConnections();
      await new Promise((resolve) => hooks.close(resolve));
      rmSync(folder, { recursive: true });
      if (code !== 0 || leftBehind.length > 0) {
        throw new Error(`the gateway ended with ${code} and left ${leftBehind.join(", ")}`);
      }
    },
  };
}

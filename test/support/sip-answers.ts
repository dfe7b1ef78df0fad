/** A peer that answers requests outside of dialogs as a script says, on virtual time. */
import { GatewayError } from "../../src/core/errors.ts";
import type { OutboundRequest, SipAnswer } from "../../src/ports/signaling-server.ts";

/** A status with headers, no answer at all, or a server that is gone. */
export type ScriptedAnswer =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | "silence"
  | "lost";

/** Answers each request by the next line of the script; the last line is repeated. */
export class ScriptedPeer {
  readonly requests: OutboundRequest[] = [];
  script: ScriptedAnswer[];
  /** Called with every request, for instance to note the time. */
  onRequest: (request: OutboundRequest) => void = () => undefined;

  constructor(...script: ScriptedAnswer[]) {
    this.script = script;
  }

  readonly request = (request: OutboundRequest): Promise<SipAnswer> => {
    this.requests.push(request);
    this.onRequest(request);
    const answer = (this.script.length > 1 ? this.script.shift() : this.script[0]) ?? "silence";
    if (answer === "lost") {
      return Promise.reject(new GatewayError("SIP_SERVER_LOST"));
    }
    if (answer === "silence") {
      const { timeoutMs } = request;
      return Promise.reject(new GatewayError("SIP_REQUEST_FAILED", { timeoutMs }));
    }
    const { status, headers = {} } = answer;
    return Promise.resolve({ status, reason: "", header: (name) => headers[name] });
  };
}

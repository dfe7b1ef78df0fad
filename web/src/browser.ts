/** The browser as the page sees it: sockets, requests, chance. The only file that touches them. */

import type { GatewaySettings } from "./ccp/contact-control.ts";
import { readGatewaySettings } from "./ccp/stored-settings.ts";
import { readTriedAnswer, type TriedAnswer } from "./ccp/tried-answer.ts";
import type { CallsAnswer } from "./follow/calls-watch.ts";
import { readCalls } from "./follow/calls-watch.ts";
import type { AccessCheck, AssistLinkOptions } from "./link/assist-link.ts";

const ASK_TIMEOUT_MS = 8000;

/** The gateway that the page came from; tokens go into the socket's address, which no history keeps. */
export const openSocket: AssistLinkOptions["open"] = (token, handlers) => {
  const url = new URL("/assist", window.location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  if (token !== undefined) {
    url.searchParams.set("token", token);
  }
  const socket = new WebSocket(url);
  socket.addEventListener("open", handlers.onOpen);
  socket.addEventListener("message", ({ data }) => handlers.onText(String(data)));
  socket.addEventListener("close", ({ code }) => handlers.onClose(code));
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.send(text);
      }
    },
    close: () => socket.close(),
  };
};

/** Asks over HTTP why the socket was not let in. */
export const checkAccess: AccessCheck = async (token) => {
  const answer = await ask("/assist/access", token);
  if (answer?.status === 401) {
    return token === undefined
      ? { why: "This gateway needs a token.", needsToken: true }
      : { why: "The gateway does not take this token: it is wrong, or over.", needsToken: true };
  }
  return answer?.status === 403
    ? { why: "The gateway does not let this page in.", needsToken: false }
    : undefined;
};

/** Recorded calls in progress. */
export async function askForCalls(): Promise<CallsAnswer> {
  const answer = await ask("/calls", undefined);
  if (answer?.status === 401 || answer?.status === 403) {
    return { kind: "needsToken" };
  }
  return answer?.status === 200
    ? { kind: "calls", calls: readCalls(answer.body) }
    : { kind: "unreachable" };
}

/** What the gateway says before anything else; `undefined`: it cannot be asked. */
export async function askForSettings(): Promise<GatewaySettings | undefined> {
  const answer = await ask("/assist/settings", undefined);
  return answer?.status === 200 ? readGatewaySettings(answer.body) : undefined;
}

/** What the gateway would answer to a customer's message. */
export async function askForAnswer(customerMessage: string): Promise<TriedAnswer> {
  const body = JSON.stringify({ customerMessage });
  const answer = await ask("/processChat", undefined, { method: "POST", body });
  return readTriedAnswer(answer);
}

/** 0 … 1. */
export function chance(): number {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value / 2 ** 32;
}

async function ask(
  path: string,
  token: string | undefined,
  sent: { readonly method?: string; readonly body?: string } = {},
) {
  try {
    const response = await fetch(path, {
      ...sent,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(sent.body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    const body: unknown = await response.json();
    return { status: response.status, body };
  } catch {
    return undefined;
  }
}

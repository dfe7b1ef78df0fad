/** The browser as the page sees it: sockets, requests, chance. The only file that touches them. */
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

/** 0 … 1. */
export function chance(): number {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value / 2 ** 32;
}

async function ask(path: string, token: string | undefined) {
  try {
    const response = await fetch(path, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
    });
    const body: unknown = await response.json();
    return { status: response.status, body };
  } catch {
    return undefined;
  }
}

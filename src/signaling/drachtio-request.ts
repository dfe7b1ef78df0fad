/** Sends a request outside any dialog through drachtio-srf, and answers the challenges to it. */
import { GatewayError } from "../core/errors.ts";
import type { OutboundRequest, SipAnswer } from "../ports/signaling-server.ts";
import type { DigestSession, ProofHeader } from "./digest-session.ts";
import type { DrachtioLink } from "./drachtio-link.ts";
import { MAX_ATTEMPTS, retryHeaders, retryHop } from "./drachtio-retry.ts";
import type { DrachtioResponse } from "./drachtio-types.ts";
import { safeHeaders } from "./sip-values.ts";

/** Rejects with SIP_REQUEST_FAILED when no final answer came in time or it cannot be sent, SIP_SERVER_LOST. */
export async function placeRequest(
  link: DrachtioLink,
  request: OutboundRequest,
  session: DigestSession,
): Promise<SipAnswer> {
  const { method, timeoutMs } = request;
  let response: DrachtioResponse | undefined;
  try {
    response = await link.answeredWithin(exchange(link, request, session), timeoutMs);
  } catch (error) {
    if (error instanceof GatewayError) {
      throw error;
    }
    const details = { method, reason: String(error) };
    throw new GatewayError("SIP_REQUEST_FAILED", details, { cause: error });
  }
  if (response === undefined) {
    throw new GatewayError("SIP_REQUEST_FAILED", { method, timeoutMs });
  }
  const { status, reason } = response;
  const header = (name: string): string | undefined => response.get(name);
  return { status, reason, header };
}

async function exchange(
  link: DrachtioLink,
  request: OutboundRequest,
  session: DigestSession,
): Promise<DrachtioResponse> {
  const { method, uri, credentials } = request;
  const prove = (): ProofHeader =>
    credentials === undefined ? {} : session.proofs({ method, uri, credentials });
  let proof = prove();
  let options: { headers: Record<string, string>; proxy?: string } = {
    headers: firstHeaders(request),
  };
  for (let attempt = 1; ; attempt += 1) {
    const headers = { ...options.headers, ...proof };
    const response = await link.requestFresh(uri, { ...options, method, headers });
    const header = (name: string): string | undefined => response.get(name);
    const isWorthIt =
      credentials !== undefined && session.challenged(response.status, header, proof);
    if (!isWorthIt || attempt === MAX_ATTEMPTS) {
      return response;
    }
    const proxy = retryHop(uri, response);
    options = {
      headers: { ...options.headers, ...retryHeaders(response.req) },
      ...(proxy === undefined ? {} : { proxy }),
    };
    proof = prove();
  }
}

function firstHeaders({
  method,
  headers,
  callId,
  sequence,
}: OutboundRequest): Record<string, string> {
  return safeHeaders({
    ...headers,
    ...(callId === undefined ? {} : { "Call-ID": callId }),
    ...(sequence === undefined ? {} : { CSeq: `${sequence} ${method}` }),
  });
}

/** One request to a webhook and its answer, within a time and a size. */
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { WebhookFailure, WebhookOutcome, WebhookRequest } from "../ports/tool-webhook.ts";
import { AddressRefused, type LookupFunction } from "./guarded-lookup.ts";

/** What an exchange works with. */
export interface HttpExchangeOptions {
  readonly clock: Clock;
  readonly request: WebhookRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly lookup: LookupFunction;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/;
const TLS_CODE = /^(?:ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)|^EPROTO$/;

/** Runs once; whatever comes first settles it, and then nothing is left open. */
export class HttpExchange {
  readonly #options: HttpExchangeOptions;
  readonly #chunks: Uint8Array[] = [];
  #receivedBytes = 0;
  #client: ClientRequest | undefined;
  #timer: Timer | undefined;
  #settle: ((outcome: WebhookOutcome) => void) | undefined;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  run(): Promise<WebhookOutcome> {
    const { clock, request } = this.#options;
    return new Promise((resolve) => {
      const onAbort = (): void => this.#fail("timedOut");
      this.#settle = (outcome) => {
        this.#settle = undefined;
        this.#timer?.cancel();
        request.signal.removeEventListener("abort", onAbort);
        this.#client?.destroy();
        resolve(outcome);
      };
      if (request.signal.aborted) {
        onAbort();
        return;
      }
      request.signal.addEventListener("abort", onAbort, { once: true });
      this.#timer = after(clock, request.timeoutMs, onAbort);
      this.#send();
    });
  }

  /** Without an agent: no connection is kept, so each one is checked. */
  #send(): void {
    const { request, headers, lookup } = this.#options;
    const url = new URL(request.url);
    const bytes = Buffer.from(request.body);
    const send = url.protocol === "https:" ? requestHttps : requestHttp;
    const client = send(url, {
      method: "POST",
      agent: false,
      lookup,
      rejectUnauthorized: true,
      headers: {
        "Content-Type": "application/json",
        "Content-Length": bytes.length,
        Accept: "application/json, text/plain",
        "Accept-Encoding": "identity",
        ...headers,
      },
    });
    this.#client = client;
    client.on("error", (error) => this.#fail(failureOf(error)));
    client.on("response", (response) => this.#onResponse(response));
    client.end(bytes);
  }

  #onResponse(response: IncomingMessage): void {
    const { statusCode: status = 0, headers } = response;
    const refusal = this.#refusalOf(response);
    if (refusal !== undefined) {
      this.#fail(refusal, status);
      return;
    }
    response.on("data", (chunk: Uint8Array) => this.#onData(chunk));
    response.on("error", () => this.#fail("unreachable"));
    response.on("close", () => this.#fail("unreachable"));
    response.on("end", () => this.#onEnd(mediaTypeOf(headers["content-type"])));
  }

  #refusalOf({ statusCode = 0, headers }: IncomingMessage): WebhookFailure | undefined {
    if (statusCode >= 300 && statusCode < 400) {
      return "redirect";
    }
    if (statusCode < 200 || statusCode >= 300) {
      return "status";
    }
    const type = mediaTypeOf(headers["content-type"]);
    const isEmpty = statusCode === 204 || headers["content-length"] === "0";
    const isText = JSON_TYPE.test(type) || type.startsWith("text/");
    const encoding = headers["content-encoding"] ?? "identity";
    if ((!isEmpty && !isText) || encoding !== "identity") {
      return "notText";
    }
    return Number(headers["content-length"] ?? 0) > this.#options.request.maxBytes
      ? "tooBig"
      : undefined;
  }

  #onData(chunk: Uint8Array): void {
    this.#receivedBytes += chunk.length;
    if (this.#receivedBytes > this.#options.request.maxBytes) {
      this.#fail("tooBig");
    } else {
      this.#chunks.push(chunk);
    }
  }

  #onEnd(type: string): void {
    const json = asJson(Buffer.concat(this.#chunks), type);
    if (json === undefined) {
      this.#fail("notText");
    } else {
      this.#settle?.({ kind: "answered", json });
    }
  }

  #fail(failure: WebhookFailure, status?: number): void {
    this.#settle?.({ kind: "failed", failure, ...(status === undefined ? {} : { status }) });
  }
}

function mediaTypeOf(header: string | undefined): string {
  return (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** `undefined` for what is not UTF-8, or says that it is JSON and is not. */
function asJson(bytes: Uint8Array, type: string): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!JSON_TYPE.test(type)) {
      return JSON.stringify(text);
    }
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

function failureOf(error: Error): WebhookFailure {
  if (error instanceof AddressRefused) {
    return error.failure;
  }
  const code = String((error as NodeJS.ErrnoException).code);
  if (code === "HPE_HEADER_OVERFLOW") {
    return "tooBig";
  }
  return TLS_CODE.test(code) ? "tls" : "unreachable";
}

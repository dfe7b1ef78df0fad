/** A stand-in for services of AWS over real HTTP: one server, each request given to the service it was signed for. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { STAND_IN_KEYS } from "../../../src/core/aws-access.ts";
import { type Clock, SystemClock, sleep } from "../../../src/core/clock.ts";
import { createEitherServer } from "./either-http.ts";
import type { AwsFault } from "./faults.ts";

type Incoming = IncomingMessage | Http2ServerRequest;

/** A request, whole. */
export interface AwsRequest {
  /** Name in the credential scope of its signature, for example `chime`, `connect`, `kinesisvideo`. */
  readonly service: string;
  readonly method: string;
  /** Decoded path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer; an error of AWS has a `type`. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; an iterable of buffers piece by piece, until it ends or the client goes. */
  readonly body?: object | string | Buffer | AsyncIterable<Buffer>;
}

/** One service; it keeps its own state. */
export interface AwsServiceStandIn {
  /** Signing name. */
  readonly service: string;
  /** Name of the operation that a request asks for, for faults and for the list of what was asked. */
  operationOf(request: AwsRequest): string;
  handle(operation: string, request: AwsRequest): AwsAnswer | Promise<AwsAnswer>;
}

/** What was asked, oldest first. */
export interface AskedOperation {
  readonly service: string;
  readonly operation: string;
}

/** How to run one. */
export interface AwsStandInOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly services: readonly AwsServiceStandIn[];
  readonly clock?: Clock;
}

/** A running stand-in. */
export interface AwsStandIn {
  readonly endpoint: string;
  readonly asked: AskedOperation[];
  /** Asked for each request, before or after the service; the first that answers wins. */
  readonly faults: AwsFault[];
  close(): Promise<void>;
}

/** The error of a service, as its clients read it. */
export function awsError(
  status: number,
  type: string,
  message: string,
  more: object = {},
): AwsAnswer {
  return {
    status,
    headers: { "x-amzn-errortype": type },
    body: { __type: type, message, Message: message, ...more },
  };
}

/** Starts to listen on 127.0.0.1. */
export async function startAwsStandIn(options: AwsStandInOptions): Promise<AwsStandIn> {
  const clock = options.clock ?? new SystemClock();
  const services = new Map(options.services.map((service) => [service.service, service]));
  const asked: AskedOperation[] = [];
  const faults: AwsFault[] = [];
  const sockets = new Set<Socket>();
  const take = (incoming: Incoming, response: ServerResponse | Http2ServerResponse): void => {
    // What is used of the two is the same.
    void answer(incoming, response as ServerResponse).catch(() => cut(incoming));
  };
  const server = createEitherServer(createServer(take), take);
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  async function answer(incoming: Incoming, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming);
    const service = services.get(request.service);
    if (service === undefined || !isSigned(request)) {
      const why =
        service === undefined
          ? `no service ${request.service}`
          : "not signed with the stand-in's keys";
      await send(response, awsError(403, "UnrecognizedClientException", why));
      return;
    }
    const operation = service.operationOf(request);
    const position = asked.push({ service: request.service, operation });
    const fault = faults.find((each) =>
      each.hits({ service: request.service, operation, position }),
    );
    await (fault === undefined ? undefined : sleep(clock, fault.delayMs ?? 0));
    if (fault?.cut === "before") {
      cut(incoming);
      return;
    }
    const result = fault?.answer ?? (await service.handle(operation, request));
    if (fault?.cut === "after") {
      cut(incoming);
      return;
    }
    await send(response, result);
  }

  await new Promise<void>((resolve) => server.listen(options.port, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    faults,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) {
          socket.destroy();
        }
      }),
  };
}

/** The connection breaks, with all that goes over it. */
function cut(incoming: Incoming): void {
  if ("stream" in incoming) {
    incoming.stream.session?.destroy();
  } else {
    incoming.socket.destroy();
  }
}

async function readRequest(incoming: Incoming): Promise<AwsRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) {
    chunks.push(chunk as Buffer);
  }
  const url = new URL(incoming.url ?? "/", "http://stand-in");
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
  );
  const scope = /Credential=[^/]+\/\d{8}\/[^/]+\/([^/]+)\/aws4_request/.exec(
    headers["authorization"] ?? "",
  );
  return {
    service: scope?.[1] ?? "",
    method: incoming.method ?? "",
    path: decodeURIComponent(url.pathname),
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
  };
}

/** Whether the stand-in's own access key signed it, so that a test sees when keys of an account would be used. */
function isSigned({ headers }: AwsRequest): boolean {
  return (headers["authorization"] ?? "").includes(`Credential=${STAND_IN_KEYS.accessKeyId}/`);
}

async function send(
  response: ServerResponse,
  { status, headers = {}, body }: AwsAnswer,
): Promise<void> {
  if (body !== undefined && typeof body === "object" && Symbol.asyncIterator in body) {
    response.writeHead(status, headers);
    for await (const piece of body) {
      if (response.destroyed) {
        return;
      }
      response.write(piece);
    }
    response.end();
    return;
  }
  const isJson = typeof body === "object" && !Buffer.isBuffer(body);
  response.writeHead(status, {
    ...(isJson ? { "content-type": "application/json" } : {}),
    ...headers,
  });
  response.end(isJson ? JSON.stringify(body) : body);
}

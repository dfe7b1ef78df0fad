/** Gives a request that asked for an upgrade we do not do back to HTTP, as RFC 9110 "Upgrade" lets a server ignore it. */
import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/** A request that Node took out of HTTP. */
export interface UpgradeRequest {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What came after its headers. */
  readonly head: Buffer;
}

const LEFT_OUT: ReadonlySet<string> = new Set(["upgrade", "http2-settings"]);

/** Java's HttpClient and curl --http2 ask for h2c with every first request, whose body is still to come. */
export function returnToHttp(server: Server, { request, socket, head }: UpgradeRequest): void {
  const { method, url, httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (!LEFT_OUT.has(name.toLowerCase())) {
      const value = rawHeaders[index + 1] as string;
      lines.push(`${name}: ${name.toLowerCase() === "connection" ? connection(value) : value}`);
    }
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}

function connection(value: string): string {
  return /\bclose\b/i.test(value) ? "close" : "keep-alive";
}

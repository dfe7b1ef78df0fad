/** One port for HTTP/1.1 and HTTP/2 in the clear: clients of AWS that stream speak the second, the others the first. */
import type { Server as HttpServer } from "node:http";
import {
  createServer as createHttp2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from "node:http2";
import { createServer, type Server, type Socket } from "node:net";

/** The first bytes of HTTP/2 (RFC 9113 section 3.4, HTTP/2 Connection Preface). */
const PREFACE = "PRI * HTTP/2.0";

/** Looks at the first bytes of each connection; neither of the inner servers listens itself. */
export function createEitherServer(
  http1: HttpServer,
  onRequest: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Server {
  const http2 = createHttp2Server(onRequest);
  http2.on("sessionError", () => undefined);
  return createServer((socket: Socket) => {
    socket.on("error", () => socket.destroy());
    socket.once("readable", () => {
      const first = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
      socket.unshift(first);
      const isHttp2 = first.toString("latin1", 0, PREFACE.length) === PREFACE;
      (isHttp2 ? http2 : http1).emit("connection", socket);
    });
  });
}

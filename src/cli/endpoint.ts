/** `HOST:PORT` as people type it. */
import { isIP } from "node:net";
import type { Endpoint } from "../app/sip-server.ts";

/** What is expected instead. */
export const ENDPOINT_HINT = "Expected ADDRESS:PORT, for example 127.0.0.1:5060 or [::1]:5060.";

const V6 = /^\[([0-9a-fA-F:.]+)\]:(\d{1,5})$/;
const V4_OR_NAME = /^([A-Za-z0-9.-]+):(\d{1,5})$/;

/** The address and the port (0 … 65535); `undefined` when `text` is not both. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const v6 = V6.exec(text);
  const [, host = "", digits = ""] = v6 ?? V4_OR_NAME.exec(text) ?? [];
  const port = Number(digits);
  const isHost = v6 === null ? host === "localhost" || isIP(host) === 4 : isIP(host) === 6;
  return isHost && digits !== "" && port <= 65_535 ? { host, port } : undefined;
}

/** The other way round: IPv6 in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

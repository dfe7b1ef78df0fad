/** Ports of the wire suites that run the whole gateway, each found free before it is given out. */
import dgram from "node:dgram";
import net from "node:net";

interface PortRange {
  readonly min: number;
  readonly max: number;
  /** Ports taken at a time; the first one is a multiple of it above `min`. */
  readonly step: number;
}

const SIP: PortRange = { min: 5300, max: 5399, step: 1 };
const HTTP: PortRange = { min: 18_100, max: 18_149, step: 1 };
const EAR: PortRange = { min: 24_900, max: 24_999, step: 2 };
const MEDIA: PortRange = { min: 24_000, max: 24_899, step: 60 };

const REDIS: PortRange = { min: 47_100, max: 47_299, step: 1 };

const taken = new Map<PortRange, number>();

/** Free on UDP and TCP. */
export function freeSipPort(): Promise<number> {
  return freePort(SIP, async (port) => (await isUdpFree(port)) && (await isTcpFree(port)));
}

/** Free on TCP. */
export function freeHttpPort(): Promise<number> {
  return freePort(HTTP, isTcpFree);
}

/** Free on TCP. */
export function freeRedisPort(): Promise<number> {
  return freePort(REDIS, isTcpFree);
}

/** Even, free on UDP. */
export function freeEarPort(): Promise<number> {
  return freePort(EAR, isUdpFree);
}

/** Both ends of a range that no gateway of this process had lately. */
export async function freeMediaPorts(): Promise<{ readonly min: number; readonly max: number }> {
  const min = await freePort(MEDIA, isUdpFree);
  return { min, max: min + MEDIA.step - 1 };
}

async function freePort(
  range: PortRange,
  isFree: (port: number) => Promise<boolean>,
): Promise<number> {
  const slots = Math.floor((range.max - range.min + 1) / range.step);
  const first = taken.get(range) ?? process.pid % slots;
  for (let tried = 0; tried < slots; tried += 1) {
    const slot = (first + tried) % slots;
    const port = range.min + slot * range.step;
    if (await isFree(port)) {
      taken.set(range, slot + 1);
      return port;
    }
  }
  throw new Error(`no free port from ${range.min} to ${range.max}`);
}

function isUdpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dgram.createSocket("udp4");
    socket.once("error", () => resolve(false));
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () =>
      socket.close(() => resolve(true)),
    );
  });
}

function isTcpFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
      server.close(() => resolve(true)),
    );
  });
}

/** The floor: a process that receives the same datagrams on as many sockets and sends them back, and does nothing else. */
import dgram from "node:dgram";
import { cpuUs, serve, wallUs } from "./child.ts";
import type { MemorySample, OpenCalls, SubjectSample } from "./messages.ts";

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
let received = 0;

function bind(port: number): Promise<dgram.Socket> {
  const socket = dgram.createSocket({
    type: "udp4",
    recvBufferSize: RECEIVE_BUFFER_BYTES,
    lookup: (address, _options, callback) => callback(null, address, 4),
  });
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(socket));
  });
}

/** Per call one socket that echoes and one that idles, as for RTP and RTCP. */
async function open({ ports, callerPorts }: OpenCalls): Promise<readonly number[]> {
  const opened: number[] = [];
  for (const [index, callerPort] of callerPorts.entries()) {
    const port = ports.min + index * 2;
    const socket = await bind(port);
    socket.on("message", (bytes) => {
      received += 1;
      socket.send(bytes, 0, bytes.length, callerPort, "127.0.0.1");
    });
    await bind(port + 1);
    opened.push(port);
  }
  return opened;
}

function sample(): SubjectSample {
  return {
    wallUs: wallUs(),
    cpuUs: cpuUs(),
    packetsReceived: received,
    packetsSent: received,
    packetsLost: 0,
    dropped: 0,
    modelFailures: 0,
    lateCounts: [],
    lateBucketsMs: [],
  };
}

function memory(): MemorySample {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, liveBytes: heapUsed + external };
}

serve({ open, sample, memory });

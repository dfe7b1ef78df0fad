/** What the doctor learns from a real machine: sockets of this very process. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { systemMachine } from "../../src/cli/machine.ts";
import { SystemClock } from "../../src/core/clock.ts";

const HOST = "127.0.0.1";
const clock = new SystemClock();
const machine = systemMachine(clock);
const closers: (() => void)[] = [];

async function udpSocket(): Promise<Socket> {
  const socket = createSocket("udp4");
  closers.push(() => socket.close());
  socket.bind(0, HOST);
  await once(socket, "listening");
  return socket;
}

afterEach(() => {
  for (const close of closers.splice(0)) {
    close();
  }
  expect(clock.pending).toBe(0);
});

describe("systemMachine", () => {
  it("finds a UDP port taken, by whom, and free again", async () => {
    const socket = await udpSocket();
    const { port } = socket.address();
    expect(await machine.bind("udp", HOST, port)).toBe("EADDRINUSE");
    expect(machine.holderOf("udp", port)).toContain(`(pid ${process.pid})`);
    expect(machine.usedUdpPorts(port, port)).toBe(1);
    closers.splice(0);
    socket.close();
    await once(socket, "close");
    expect(await machine.bind("udp", HOST, port)).toBeUndefined();
  });

  it("finds a TCP port taken, by whom, and that it answers", async () => {
    const server = createServer().listen(0, HOST);
    closers.push(() => server.close());
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    expect(await machine.bind("tcp", HOST, port)).toBe("EADDRINUSE");
    expect(machine.holderOf("tcp", port)).toContain(`(pid ${process.pid})`);
    expect(await machine.connect(HOST, port)).toBeUndefined();
  });

  it("says why a port cannot be opened or reached", async () => {
    expect(await machine.bind("udp", "192.0.2.1", 0)).toBe("EADDRNOTAVAIL");
    expect(await machine.connect(HOST, 1)).toBe("ECONNREFUSED");
    expect(machine.holderOf("tcp", 1)).toBeUndefined();
  });

  it("knows what can be read, written and run", () => {
    expect(machine.isReadable("/etc/passwd")).toBe(true);
    expect(machine.isReadable("/etc/none")).toBe(false);
    expect(machine.isWritable(join(tmpdir(), "a/b/c.db"))).toBe(true);
    expect(machine.hasProgram("sh")).toBe(true);
    expect(machine.hasProgram("no-such-program")).toBe(false);
    expect(machine.receiveBufferLimitBytes()).toBeGreaterThan(0);
  });
});

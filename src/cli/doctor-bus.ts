/** What the doctor says of the bus, and of the tokens that have to be good on all nodes. */
import type { Config } from "../app/config.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

const REDIS_PORT = 6379;

/** Nothing but warnings: without Redis calls go on, and pages see their own node. */
export async function busChecks(
  { bus, assist }: Config,
  machine: Machine,
): Promise<readonly Check[]> {
  if (bus.kind === "memory") {
    return [{ name: "bus", level: "ok", finding: "within this process" }];
  }
  const secretCheck: Check = {
    name: "assist tokens",
    level: "warn",
    finding: "each gateway signs with a secret of its own, so that a token opens one node only",
    advice: "set assist.tokenSecret, the same on all nodes",
  };
  const reachable = await redisCheck(new URL(bus.url), machine);
  return assist.tokenSecret === undefined ? [reachable, secretCheck] : [reachable];
}

async function redisCheck({ hostname, port }: URL, machine: Machine): Promise<Check> {
  const portNumber = port === "" ? REDIS_PORT : Number(port);
  const where = `${hostname}:${portNumber}`;
  const code = await machine.connect(hostname.replace(/^\[|\]$/g, ""), portNumber);
  return code === undefined
    ? { name: "bus", level: "ok", finding: `${where} answers` }
    : {
        name: "bus",
        level: "warn",
        finding: `Redis at ${where} cannot be reached (${code}): pages hear only of calls of their own node`,
        advice: "start Redis, or change bus.url",
      };
}

/** Plays one of our SIPp scenarios against a gateway, with an ear of the test for its media. */
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { freeSipPort } from "./free-ports.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { RtpEar } from "./rtp-ear.ts";
import { type SippResult, startSipp } from "./sipp.ts";

const SCENARIOS = new URL("../scenarios/", import.meta.url);

/** What is called, and how. */
export interface SippCallOptions {
  readonly gateway: GatewayProcess;
  /** File in test/wire/scenarios, without its ending. */
  readonly scenario: string;
  readonly transport?: "UDP" | "TCP";
  /** Address that the call comes from, of 127.0.0.0/8. */
  readonly from?: string;
  /** For a scenario that answers a challenge. */
  readonly credentials?: { readonly username: string; readonly password: string };
  /** User part of the Request-URI. */
  readonly to?: string;
  readonly ear?: RtpEar | undefined;
  /** Length of the pause that a scenario leaves open. */
  readonly talkMs?: number;
}

/** A call under way. */
export interface SippCall {
  readonly sipCallId: string;
  /** Resolves when SIPp has ended by itself. */
  readonly done: Promise<SippResult>;
}

/** Nobody listens there. */
const NO_EAR_PORT = 9;

/** Starts SIPp for one call. */
export async function startSippCall(options: SippCallOptions): Promise<SippCall> {
  const { gateway, scenario, transport = "UDP", to = "agent", ear, talkMs = 1000 } = options;
  const { username = "", password = "" } = options.credentials ?? {};
  const sipCallId = `${scenario}-${randomUUID()}`;
  const args = [
    gateway.target,
    ...["-sf", fileURLToPath(new URL(`${scenario}.xml`, SCENARIOS))],
    ...["-s", to, "-m", "1", "-t", transport === "UDP" ? "u1" : "t1"],
    ...["-p", String(await freeSipPort()), "-cid_str", sipCallId],
    ...["-key", "ear_port", String(ear?.port ?? NO_EAR_PORT), "-d", String(talkMs)],
    ...["-timeout", `${Math.ceil(talkMs / 1000) + 40}s`, "-timeout_error"],
    ...(username === "" ? [] : ["-au", username, "-ap", password]),
  ];
  const sipp = startSipp(args, options.from);
  return { sipCallId, done: sipp.done };
}

/** One that went as the scenario says. */
export const WENT_AS_WRITTEN = { exitCode: 0, successful: 1, failed: 0, errors: "" } as const;

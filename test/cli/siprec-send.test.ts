/** `trunkline siprec send`: its command line, and that what it sends is what recorders expect. */
import { describe, expect, it } from "vitest";
import { labelled, siprecBody, siprecHeaders, siprecMetadata } from "../../src/cli/siprec-body.ts";
import { SIPREC_DIALECTS, SIPREC_FORMS } from "../../src/cli/siprec-dialects.ts";
import type { SiprecSendOptions } from "../../src/cli/siprec-send.ts";
import { offer } from "../../src/sdp/offer-answer.ts";
import { readRecordingRequest } from "../../src/siprec/recording-request.ts";
import { updateRecording } from "../../src/siprec/recording-session.ts";
import { NEW_RECORDING } from "../../src/siprec/recording-state.ts";
import { decideRoles } from "../../src/siprec/roles.ts";
import { runCli } from "../support/cli-bench.ts";

/** What is odd about a vendor's way, and is said. */
const ODD: Readonly<Record<string, readonly string[]>> = {
  cisco: ["base64Ids"],
  oracle: ["labelNotNumber", "labelNotNumber", "extensionsKept"],
  avaya: ["labelNotNumber", "labelNotNumber"],
  metaswitch: ["namespacePrefixed"],
  broadworks: ["noSpaceAfterColon", "noSpaceAfterColon", "extensionsKept"],
};

const transports = [4000, 4010].map((port) => ({
  address: "127.0.0.1",
  port,
  rtcpPort: port + 1,
}));

async function sent(...args: string[]) {
  const asked: SiprecSendOptions[] = [];
  const implementations = {
    siprecSend: (options: SiprecSendOptions) => {
      asked.push(options);
      return Promise.resolve(0 as const);
    },
  };
  const { code } = await runCli(["siprec", "send", ...args], { implementations });
  return { code, asked };
}

describe("trunkline siprec send", () => {
  it("goes to this machine in the generic way when nothing else is said", async () => {
    expect(await sent("call.wav")).toEqual({
      code: 0,
      asked: [{ file: "call.wav", to: "sip:record@127.0.0.1", dialect: "generic", json: false }],
    });
  });

  it.each([
    ["an unknown dialect", ["a.wav", "--dialect", "klingon"]],
    ["no SIP URI", ["a.wav", "--to", "nowhere"]],
    ["no time", ["a.wav", "--seconds", "0"]],
    ["no file", []],
  ])("answers %s with 2", async (_what, args) => {
    expect(await sent(...args)).toEqual({ code: 2, asked: [] });
  });

  it.each(SIPREC_DIALECTS)("says nothing but what is odd about %s, and who is who", (dialect) => {
    const sdp = offer({
      sessionId: "1",
      sessionVersion: 1,
      transports,
      direction: "sendonly",
      telephoneEvent: false,
    });
    const metadata = siprecMetadata(dialect, "2026-11-21T10:00:00.000Z");
    const body = siprecBody(dialect, labelled(dialect, sdp), metadata);
    const headers: Readonly<Record<string, string>> = {
      ...siprecHeaders(dialect, undefined),
      Contact: "<sip:recorder@127.0.0.1>;+sip.src",
    };
    const request = readRecordingRequest({
      header: (name) => (headers[name] === undefined ? [] : [headers[name]]),
      headerNames: Object.keys(headers),
      body: Buffer.from(body),
      inDialog: false,
      datagramBytes: undefined,
    });
    const { state, facts } = updateRecording(NEW_RECORDING, request);
    const roles = decideRoles([{ role: "customer", first: true }], state, {
      trunk: undefined,
      header: () => [],
    });
    const codes = request.oddities.map(({ code }) => code);
    expect(codes).toEqual(ODD[dialect] ?? []);
    expect(facts.filter(({ kind }) => kind === "warning")).toEqual([]);
    expect([...roles.streams].map(([label, { role }]) => [label, role])).toEqual([
      [SIPREC_FORMS[dialect].labels[0], "customer"],
      [SIPREC_FORMS[dialect].labels[1], "agent"],
    ]);
  });
});

/** `trunkline siprec explain`: pasted recording requests in words. */
import { describe, expect, it } from "vitest";
import { fixture } from "../siprec/support.ts";
import { type CliResult, runCli } from "../support/cli-bench.ts";

function explain(
  file: string | Uint8Array,
  args: readonly string[] = [],
  rules = "",
): Promise<CliResult> {
  return runCli(["siprec", "explain", "-", ...args], {
    files: { "/dev/stdin": file, "roles.yaml": rules },
  });
}

const RULES = `
- role: agent
  when: { aor: "4*" }
- role: customer
  when: { aor: /^sip:\\+1/, header: { name: X-Side, value: outside } }
`;

describe("trunkline siprec explain", () => {
  it("tells what an INVITE holds, who made it, who speaks where, and what we answer", async () => {
    const { code, out, error } = await explain(fixture("audiocodes-call"));
    expect(error).toBe("");
    expect(out).toBe(
      [
        "INVITE: a recording session (Require: siprec, +sip.src, metadata), apparently AudioCodes, by its User-Agent",
        "  part 1  application/sdp              346 bytes",
        "  part 2  application/rs-metadata+xml  1910 bytes  recording-session, complete",
        "  ucid            00025000160955721139                                                      (metadata AvayaUCID)",
        "  conversationId  4BOKLLA3VH66JF112M1CC9VHKS14F0KP                                          (metadata GenesysUUID)",
        "  sipSessionId    ab30317f1a784dc48ff824d0d3715d86;remote=47755a9de7794ba387653f2099600ef2  (metadata sipSessionID)",
        "  stream 1 is added",
        "  stream 2 is added",
        "  participant 10 joins",
        "  participant 20 joins",
        "  on stream 1 speaks 10",
        "  on stream 2 speaks 20",
        "  note  recording/participant/AvayaUCID, recording/participant/GenesysUUID: a prefix that nothing declares",
        "    odd-namespace: elements are known by their local names, whatever the namespace",
        "  note  recording/participant/AvayaUCID: extension data, kept by name",
        "    vendor-extensions: kept by name for correlation and role rules",
        "",
        "Streams",
        "  label 1  audio 6000  PCMA TELEPHONE-EVENT  sendonly, we answer recvonly  from 10",
        "  label 2  audio 6010  PCMA TELEPHONE-EVENT  sendonly, we answer recvonly  from 20",
        "Participants",
        "  10  Pat Customer sip:+12065550123@audiocodes.example  speaks on 1  hears 2",
        "  20  Alex Agent sip:4001@audiocodes.example            speaks on 2  hears 1",
        "Session 0000-0000-0000-0000-8db2e3ca3f7d4a10 is of group 00000000-0000-001a-0000-000000000001",
        "Extension data",
        "  participant 10  AvayaUCID    FA080019001038F725B3",
        "  participant 10  GenesysUUID  4BOKLLA3VH66JF112M1CC9VHKS14F0KP",
        "Roles are unknown: SIPREC does not tell them; --roles FILE applies rules",
        "2 of 2 streams can be recorded",
        "",
      ].join("\n"),
    );
    expect(code).toBe(0);
  });

  it("names the quirk of what is odd, and what we do about it, once", async () => {
    const { out } = await explain(fixture("any-odd-part-framing"));
    const advice = "    odd-part-framing: parts end where the boundary says, byte for byte\n";
    expect(out).toContain("  warning  body: the closing boundary is missing\n  note  body: ");
    expect(out).toContain(`  note  part 2: a part header folded over lines\n${advice}`);
    expect(out.split(advice)).toHaveLength(2);
  });

  it("follows the requests of a dialog, and tells how things stand after the last", async () => {
    const { out } = await explain(fixture("cisco-inactive-first"));
    expect(out).toContain("  stream 1 is added, held\n");
    expect(out).toContain("  stream 1 starts or resumes\n");
    expect(out).toContain(
      "After all that:\nStreams\n  label 1  audio 16384  PCMU TELEPHONE-EVENT  sendonly",
    );
  });

  it("applies role rules, and says by which", async () => {
    const { out } = await explain(fixture("ribbon-call"), ["--roles", "roles.yaml"], RULES);
    expect(out).toContain("from 6f1b5d12-01  customer: the other one of two\n");
    expect(out).toContain("from 6f1b5d12-02  agent: rule 1 (aor)\n");
    expect(out).not.toContain("Roles are unknown");
  });

  it("prints the same as data", async () => {
    const { out } = await explain(fixture("any-label-not-in-sdp"), ["--json"]);
    expect(JSON.parse(out)).toMatchObject({
      requests: [
        {
          method: "INVITE",
          isRecording: true,
          oddities: expect.arrayContaining([
            expect.objectContaining({
              code: "labelNotInSdp",
              quirk: "label-not-in-sdp",
              where: ["label 9"],
            }),
          ]),
        },
      ],
      end: {
        recordable: 3,
        streams: [{ label: "1", answer: "recvonly" }, { label: "7" }, { label: null }],
      },
    });
  });

  it("reads what an editor or a trace tool made of it", async () => {
    const text = fixture("cisco-cube-call").toString("latin1");
    const margined = [
      "17:02:11 192.0.2.1:5060 -> 192.0.2.2:5060",
      "",
      ...text.split("\r\n").map((line) => `    ${line}`),
      "",
      "trailing words",
    ];
    for (const pasted of [
      text.replaceAll("\r\n", "\n"),
      margined.join("\n"),
      text.replace("Alex Agent", "Alexandra Agent"),
    ]) {
      const { code, out } = await explain(pasted);
      expect(out).toContain("2 of 2 streams can be recorded");
      expect(code).toBe(0);
    }
  });

  it("keeps the terminal safe from what a caller sent", async () => {
    const text = fixture("cisco-cube-call")
      .toString("utf8")
      .replace("Alex Agent", "A\u009b31m\u202e");
    const { out } = await explain(text);
    expect(out).not.toMatch(/[\u009b\u202e]/);
  });

  it("ends with 1 where nothing can be recorded, and says why", async () => {
    const broken = fixture("cisco-no-metadata").toString("latin1").replace("v=0", "v=1");
    const result = await explain(broken);
    expect(result.code).toBe(1);
    expect(result.out).toContain("  SDP  SDP_MALFORMED: ");
    expect(result.out).toContain(
      "  error  body: the SDP cannot be understood; nothing can be recorded of it\n",
    );
    expect(result.out).toContain("nothing can be recorded of this\n");
    const fault = await explain(
      fixture("cisco-cube-call")
        .toString("latin1")
        .replace(/CSeq: .*\r\n/, ""),
    );
    expect(fault.out).toContain("  refused  the SIP server answers 400 ");
  });

  it("says that a request is too long for the SIP server, and reads it all the same", async () => {
    const text = fixture("cisco-cube-call").toString("latin1");
    const long = text.replace("<recording ", `<!--${"x".repeat(300_000)}--><recording `);
    const { code, out } = await explain(long);
    expect(out).toContain("  refused  the SIP server drops it unanswered: longer than ");
    expect(out).toContain("  error  part 2: the metadata is longer than what is taken; not read\n");
    expect(out).toContain("2 of 2 streams can be recorded");
    expect(code).toBe(0);
  });

  it("takes a body alone", async () => {
    const metadata = await explain(fixture("genesys-metadata-updates-body"));
    expect(metadata).toMatchObject({ code: 0, error: "" });
    expect(metadata.out).toContain("A body alone\n");
    expect(metadata.out).toContain(
      "metadata alone: it says who speaks, not what can be recorded\n",
    );
    const text = fixture("avaya-call").toString("latin1");
    const body = await explain(text.slice(text.indexOf("\r\n\r\n") + 4));
    expect(body.out).toContain("2 of 2 streams can be recorded");
  });

  it.each([
    ["a file that is not there", ["siprec", "explain", "none.txt"], "none.txt does not exist"],
    ["a file that is no request", ["siprec", "explain", "words.txt"], "holds no INVITE"],
    [
      "rules that are wrong",
      ["siprec", "explain", "words.txt", "--roles", "words.txt"],
      "words.txt:1:1",
    ],
    [
      "a rule without conditions",
      ["siprec", "explain", "words.txt", "--roles", "rule.yaml"],
      "at least one condition",
    ],
  ])("answers %s with 2", async (_what, args, expected) => {
    const { code, error } = await runCli(args, {
      files: { "words.txt": "nothing of that kind", "rule.yaml": "- { role: agent, when: {} }" },
    });
    expect(code).toBe(2);
    expect(error).toContain(expected);
  });
});

/** Nova Sonic against the stand-in's brain, on virtual time: tools, and what goes wrong. */
import { describe, expect, it } from "vitest";
import { NovaBench } from "../support/nova/nova-bench.ts";
import type { NovaScript } from "../support/nova/script.ts";

describe("tools", () => {
  const script: NovaScript = {
    answers: [
      {
        text: "One moment.",
        toolCalls: [
          { name: "hang_up", arguments: '{"a":1}' },
          { name: "hang_up", arguments: "{not json" },
        ],
      },
      { text: "It is done." },
    ],
  };

  async function called(bench: NovaBench): Promise<string[]> {
    await bench.ready();
    await bench.speak(400, 1600);
    return bench.sink.lines.filter((line) => line.startsWith("tool"));
  }

  it("are called once each with what the model wrote, and all results are told", async () => {
    const bench = new NovaBench(script);
    expect(await called(bench)).toEqual([
      'tool tool-0-0 hang_up {"a":1}',
      "tool tool-0-1 hang_up {not json",
    ]);
    bench.session.toolResult("tool-0-1", '{"ok":true}');
    bench.session.toolResult("tool-0-1", '{"ok":true}');
    await bench.clock.advanceMs(1000);
    expect(bench.sink.finals.at(-1)?.text).toBe("One moment.");
    bench.session.toolResult("tool-0-0", '{"ok":false}');
    await bench.clock.advanceMs(2000);
    expect(bench.sink.finals.at(-1)?.text).toBe("It is done.");
    expect(bench.json()).toMatchObject({ toolCalls: 2, strayToolResults: 1, openToolCalls: 0 });
    expect(bench.brain.violations).toEqual([]);
  });

  it("are called when their content is complete, and may be answered from within the call", async () => {
    const bench = new NovaBench(script);
    bench.sink.onFact = (line) => {
      if (line.startsWith("tool")) {
        bench.session.toolResult(line.split(" ")[1] ?? "", "{}");
      }
    };
    await called(bench);
    await bench.clock.advanceMs(2000);
    expect(bench.sink.finals.at(-1)?.text).toBe("It is done.");
    expect(bench.brain.violations).toEqual([]);
  });

  it.each([
    ["text", "it worked", '{"result":"it worked"}'],
    ["a list", "[1,2]", '{"result":[1,2]}'],
    ["null", "null", '{"result":"null"}'],
  ])("may answer with %s: the service gets an object", async (_what, output, expected) => {
    const bench = new NovaBench(script);
    await called(bench);
    bench.session.toolResult("tool-0-0", output);
    await bench.clock.advanceMs(20);
    expect(bench.brain.protocol.toolOutputs.get("tool-0-0")).toBe(expected);
  });

  it("get a long result cut instead of a session refused", async () => {
    const bench = new NovaBench(script);
    await called(bench);
    bench.session.toolResult("tool-0-0", JSON.stringify({ text: "ü".repeat(2_000_000) }));
    await bench.clock.advanceMs(20);
    const output = bench.brain.protocol.toolOutputs.get("tool-0-0") ?? "";
    expect(Buffer.byteLength(output)).toBeLessThan(20_000);
    expect(JSON.parse(output)).toMatchObject({ cut: true });
  });

  it("that the caller cut off are answered, not called: an open one would stop the session", async () => {
    const bench = new NovaBench({
      answers: [
        { toolCalls: [{ name: "hang_up", arguments: '{"rea' }], cancelsTools: true },
        { text: "I go on." },
      ],
    });
    expect(await called(bench)).toEqual([]);
    await bench.clock.advanceMs(2000);
    expect(bench.sink.finals.at(-1)?.text).toBe("I go on.");
    expect(bench.json()).toMatchObject({ cancelledToolCalls: 1, toolCalls: 0 });
    expect(bench.brain.violations).toEqual([]);
  });
});

describe("bad input", () => {
  it("is counted and survived", async () => {
    const bench = new NovaBench({
      garbage: [
        "not json",
        "[]",
        "{}",
        '{"event":7}',
        '{"event":{}}',
        '{"event":{"somethingNew":{"x":1}}}',
        '{"event":{"audioOutput":{"contentId":"a","content":"%%%%"}}}',
        '{"event":{"audioOutput":{"contentId":"a","content":"AAAA"}}}',
        '{"event":{"audioOutput":{"content":"AAAA"}}}',
        '{"event":{"contentStart":{"contentId":"a","type":"VIDEO"}}}',
        '{"event":{"contentEnd":{"contentId":"never opened"}}}',
        '{"event":{"usageEvent":{}}}',
        Uint8Array.of(0xff, 0xfe),
      ],
      answers: [{ text: "Still here." }],
    });
    await bench.ready();
    await bench.speak(400, 1600);
    expect(bench.json()).toMatchObject({ state: "ready", unknownEvents: 1, malformedEvents: 11 });
    expect(bench.sink.finals.at(-1)?.text).toBe("Still here.");
  });

  it("of 20 MB is not read", async () => {
    const bench = new NovaBench({});
    await bench.ready();
    const content = Buffer.alloc(15_000_000).toString("base64");
    bench.push("audioOutput", { contentId: "a", content });
    expect(bench.json()).toMatchObject({ state: "ready", oversizedEvents: 1 });
    expect(bench.sink.answers).toEqual([]);
  });

  it("of a wrong rate is not played at the wrong speed", async () => {
    const bench = new NovaBench({ claimsRateHz: 24_000, answers: [{ text: "Too fast." }] });
    await bench.ready();
    await bench.speak(400, 1600);
    expect(bench.sink.answers).toEqual([]);
    expect(bench.json()).toMatchObject({ state: "ready", wrongRateContents: 1 });
  });

  it("of half a sample is not played as noise", async () => {
    const bench = new NovaBench({});
    await bench.ready();
    const content = Buffer.alloc(321).toString("base64");
    bench.push("audioOutput", { contentId: "a", content });
    expect(bench.sink.answers).toEqual([]);
    expect(bench.json()).toMatchObject({ malformedEvents: 1 });
  });
});

describe("the caller's audio", () => {
  it("is not sent before anybody listens, and speech then does not hold up the start", async () => {
    const bench = new NovaBench({ acceptDelayMs: 1000 }, { greeting: "Hello." });
    await bench.speak(800, 0);
    expect(bench.sink.lines).toEqual([]);
    await bench.speak(0, 1200);
    expect(bench.sink.lines.slice(0, 2)).toEqual(["ready", "audio answer-1"]);
    expect(bench.json()).toMatchObject({ uplinkEarlyBytes: expect.any(Number) });
    expect(bench.brain.audioBytes).toBeLessThan(1100 * 16);
    expect(bench.brain.violations).toEqual([]);
  });

  it("is dropped while the connection takes nothing, and the session given up after a while", async () => {
    const bench = new NovaBench({});
    await bench.ready();
    bench.stream.bufferedBytes = 300_000;
    bench.session.pushAudio(new Uint8Array(640));
    expect(bench.json()).toMatchObject({ uplinkDroppedBytes: 640, uplinkBytes: 0 });
    await bench.speak(0, 21_000);
    expect(bench.sink.failures).toEqual([
      { code: "MODEL_LOST", reason: "the model does not answer: nothing came for 20 s" },
    ]);
    expect(bench.stream.endedByClient).toBe("aborted");
  });
});

describe("a failure", () => {
  it.each([
    ["UnrecognizedClientException", 403, "MODEL_REJECTED", /does not know the access key/],
    ["InvalidSignatureException", 403, "MODEL_REJECTED", /look at secretAccessKey/],
    ["ExpiredTokenException", 403, "MODEL_REJECTED", /credentials have expired/],
    ["AccessDeniedException", 403, "MODEL_REJECTED", /allow bedrock:InvokeModel/],
    ["ResourceNotFoundException", 404, "MODEL_REJECTED", /look at model and region/],
    ["ValidationException", 400, "MODEL_REJECTED", /look at model, voice and region/],
    ["ThrottlingException", 429, "MODEL_RATE_LIMITED", /quota/],
    ["ServiceUnavailableException", 503, "MODEL_RATE_LIMITED", /overloaded/],
    ["InternalServerException", 500, "MODEL_CONNECT_FAILED", /the service failed/],
    ["SomethingNewException", 418, "MODEL_CONNECT_FAILED", /SomethingNewException/],
  ])("at the beginning: %s", async (name, status, code, reason) => {
    const bench = new NovaBench({ refuse: { name, status } });
    await bench.clock.advanceMs(100);
    expect(bench.sink.failures).toEqual([{ code, reason: expect.stringMatching(reason) }]);
    expect(bench.clock.pending).toBe(0);
  });

  it.each([
    ["ModelTimeoutException", "MODEL_LOST", /longest duration/],
    ["ModelStreamErrorException", "MODEL_LOST", /the service failed/],
    ["ThrottlingException", "MODEL_RATE_LIMITED", /quota/],
    ["ValidationException", "MODEL_PROTOCOL", /did not accept/],
    ["ExpiredTokenException", "MODEL_LOST", /credentials have expired/],
  ])("in the middle of a word: %s", async (name, code, reason) => {
    const failsAfterMs = { ms: 500, exception: { name } };
    const bench = new NovaBench({ answers: [{ text: "This fails.", failsAfterMs }] });
    await bench.ready();
    await bench.speak(400, 1600);
    expect(bench.sink.failures).toEqual([{ code, reason: expect.stringMatching(reason) }]);
    expect(bench.sink.lines.at(-1)).toBe(`failed ${code}`);
  });

  it("is an end without a word, which is how a broken connection looks", async () => {
    const bench = new NovaBench({ answers: [{ text: "This is cut off.", cutsAfterMs: 300 }] });
    await bench.ready();
    await bench.speak(400, 1600);
    const reason = "the stream ended in the middle of the call";
    expect(bench.sink.failures).toEqual([{ code: "MODEL_LOST", reason }]);
  });

  it("is a service that cannot be reached", async () => {
    const bench = new NovaBench({ acceptDelayMs: 60_000 });
    bench.stream.fail({ name: "Error", systemCode: "ECONNREFUSED" });
    expect(bench.sink.failures).toEqual([
      {
        code: "MODEL_CONNECT_FAILED",
        reason: expect.stringMatching(/^the service cannot be reached: .*\(ECONNREFUSED\)$/),
      },
    ]);
  });

  it("is a proxy that speaks no HTTP/2", async () => {
    const bench = new NovaBench({ acceptDelayMs: 60_000 });
    bench.stream.fail({ name: "Error", systemCode: "ERR_HTTP2_ERROR" });
    expect(bench.sink.failures[0]?.reason).toMatch(/HTTP\/2.*proxy/);
  });

  it("is a service that never answers the request", async () => {
    const bench = new NovaBench({ mute: true }, { timeoutMs: 3000 });
    await bench.clock.advanceMs(2999);
    expect(bench.sink.lines).toEqual([]);
    await bench.clock.advanceMs(1);
    const reason = "no session within 3000 ms";
    expect(bench.sink.failures).toEqual([{ code: "MODEL_CONNECT_FAILED", reason }]);
    expect(bench.stream.endedByClient).toBe("aborted");
  });

  it("is a model that was asked and says nothing", async () => {
    const bench = new NovaBench({ thinkMs: 60_000 }, { greeting: "Hello." });
    await bench.ready();
    await bench.speak(0, 21_000);
    const reason = "the model does not answer: nothing came for 20 s";
    expect(bench.sink.failures).toEqual([{ code: "MODEL_LOST", reason }]);
  });

  it("is the end of the longest session, unless it was closed before", async () => {
    const bench = new NovaBench({ sessionLimitMs: 30_000 });
    await bench.ready();
    await bench.speak(0, 31_000);
    expect(bench.sink.failures[0]).toMatchObject({ code: "MODEL_LOST" });
  });
});

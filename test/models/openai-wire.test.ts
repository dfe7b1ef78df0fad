/** The messages of the Realtime protocol: what is written, what is read, and what a failure means. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAudio } from "../../src/models/base64-audio.ts";
import { MaskedFrameWriter } from "../../src/models/masked-frame.ts";
import { APPEND_ENVELOPE, AudioDeltaReader } from "../../src/models/openai-audio.ts";
import { parseServerEvent } from "../../src/models/openai-events.ts";
import {
  classifyClosure,
  classifyError,
  classifyRefusal,
  settingsRefused,
} from "../../src/models/openai-failures.ts";
import {
  digitPressed,
  historyItem,
  itemDelete,
  itemTruncate,
  OPENAI_FORMATS,
  responseCancel,
  responseCreate,
  sessionUpdate,
  type TurnDetection,
  toolOutput,
} from "../../src/models/openai-wire.ts";
import { clientEvent } from "../support/openai/client-events.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/models/openai/", import.meta.url));

function fixture(name: string): string[] {
  return readFileSync(`${FIXTURES}${name}.jsonl`, "utf8").trim().split("\n");
}

/** The text of one masked frame, read by the book: RFC 6455 §5.2 Base Framing Protocol. */
function readFrame(frame: Buffer): { readonly text: string; readonly key: string } {
  expect(frame[0]).toBe(0x81);
  const short = (frame[1] as number) & 0x7f;
  expect((frame[1] as number) >> 7).toBe(1);
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const length =
    lengthBytes === 8
      ? Number(frame.readBigUInt64BE(2))
      : lengthBytes === 2
        ? frame.readUInt16BE(2)
        : short;
  const key = frame.subarray(2 + lengthBytes, 6 + lengthBytes);
  const payload = frame.subarray(6 + lengthBytes);
  expect(payload.length).toBe(length);
  const text = Buffer.from(payload.map((byte, i) => byte ^ (key[i % 4] as number)));
  return { text: text.toString("latin1"), key: key.toString("hex") };
}

function delta(base64: string, itemId = "item_1"): string {
  const event = { type: "response.output_audio.delta", event_id: "event_1", response_id: "r" };
  return JSON.stringify({ ...event, item_id: itemId, content_index: 0, delta: base64 });
}

describe("audio on its way to the service", () => {
  it.each([0, 1, 2, 3, 45, 57, 58, 160, 320, 960, 49_000, 49_200, 200_000])(
    "is framed as the protocol says: %i bytes",
    (length) => {
      const writer = new MaskedFrameWriter(new SeededRandom(3));
      const bytes = new Uint8Array(length).map((_, i) => (i * 7919) & 0xff);
      const { text } = readFrame(writer.frame(APPEND_ENVELOPE, bytes));
      expect(clientEvent.parse(JSON.parse(text))).toEqual({
        type: "input_audio_buffer.append",
        audio: Buffer.from(bytes).toString("base64"),
      });
    },
  );

  it("takes a view into the middle of a larger buffer", () => {
    const writer = new MaskedFrameWriter(new SeededRandom(3));
    const view = new Uint8Array([1, 2, 3, 4, 5, 6]).subarray(2, 5);
    expect(readFrame(writer.frame({ head: "<", tail: ">" }, view)).text).toBe("<AwQF>");
  });

  it("uses a new masking key for every frame", () => {
    const writer = new MaskedFrameWriter(new SeededRandom(3));
    const frames = Array.from({ length: 3000 }, () => writer.frame(APPEND_ENVELOPE, Buffer.of(1)));
    expect(new Set(frames.map((frame) => readFrame(frame).key)).size).toBe(3000);
  });
});

describe("audio from the service", () => {
  it("is read without parsing exactly as with it, for any bytes and item ids", () => {
    const reader = new AudioDeltaReader();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 600 }),
        fc.string({ minLength: 1 }),
        (bytes, itemId) => {
          const message = delta(Buffer.from(bytes).toString("base64"), itemId);
          const fast = reader.read(Buffer.from(message));
          const event = parseServerEvent(message);
          expect(event).toMatchObject({ kind: "audioDelta", itemId });
          if (fast !== undefined) {
            expect(Buffer.from(fast).equals(Buffer.from(bytes))).toBe(true);
            expect(reader.itemId).toBe(itemId);
          } else {
            expect(/[\\"]/.test(JSON.stringify(itemId).slice(1, -1))).toBe(true);
          }
        },
      ),
    );
  });

  it("tells answers apart whose ids begin alike", () => {
    const reader = new AudioDeltaReader();
    for (const itemId of ["item_1", "item_12", "item_1", "item"]) {
      expect(reader.read(Buffer.from(delta("AAAA", itemId)))).toHaveLength(3);
      expect(reader.itemId).toBe(itemId);
    }
  });

  it.each([
    [
      "keys in another order",
      '{"item_id":"i","delta":"AAAA","type":"response.output_audio.delta"}',
    ],
    ["spaces", '{"type": "response.output_audio.delta", "item_id": "i", "delta": "AAAA"}'],
    ["an escaped solidus", delta("AA//").replaceAll("/", "\\/")],
    ["no item", '{"type":"response.output_audio.delta","delta":"AAAA"}'],
    ["no audio", '{"type":"response.output_audio.delta","item_id":"i"}'],
    ["an end in the middle", '{"type":"response.output_audio.delta","item_id":"i","delta":"AA'],
    [
      "a transcript",
      '{"type":"response.output_audio_transcript.delta","item_id":"i","delta":"AAAA"}',
    ],
    ["nothing", ""],
  ])("is left to the parser: %s", (_name, message) => {
    expect(new AudioDeltaReader().read(Buffer.from(message))).toBeUndefined();
  });

  it.each(["A", "AAAAA", "AA*A", "A=AA", "=", "====", "AA A", "%%%%"])(
    "is refused when its base64 is broken: %s",
    (base64) => {
      expect(decodeAudio(base64)).toBeUndefined();
    },
  );

  it("may be longer than the scratch", () => {
    const bytes = Buffer.alloc(400_000, 0x5a);
    const long = decodeAudio(bytes.toString("base64"));
    expect(long === undefined ? undefined : bytes.equals(long)).toBe(true);
  });
});

describe("what is sent", () => {
  const detections: TurnDetection[] = [
    { type: "server_vad" },
    { type: "server_vad", threshold: 0.6, prefixPaddingMs: 200, silenceDurationMs: 400 },
    { type: "semantic_vad", eagerness: "high" },
  ];
  const settings = detections.flatMap((turnDetection) =>
    OPENAI_FORMATS.map((format) => ({ turnDetection, format })),
  );
  const tool = { name: "hang_up", description: "d", parameters: { type: "object" } };

  it.each(settings)("is a session in the shape of the service: %o", (choice) => {
    const text = sessionUpdate("settings", {
      ...choice,
      instructions: "Be kind.",
      voice: "marin",
      transcription: undefined,
      noiseReduction: undefined,
      tools: [tool],
    });
    expect(clientEvent.safeParse(JSON.parse(text)).error).toBeUndefined();
  });

  it.each([
    responseCreate("answer-1", undefined),
    responseCreate("answer-2", 'Say "hello"\nand go on.'),
    responseCancel("cancel-1"),
    itemTruncate("truncate-1", "item_1", 1234),
    toolOutput("tool-1", "call_1", '{"ok":true}'),
    digitPressed("digit-1", "#"),
    historyItem("history-1", { speaker: "caller", text: "Hello." }),
    historyItem("history-2", { speaker: "model", text: "Good morning." }),
    itemDelete("dismiss-1", "item_1"),
  ])("is an event of the service: %s", (text) => {
    expect(clientEvent.safeParse(JSON.parse(text)).error).toBeUndefined();
  });
});

describe("what is read", () => {
  it.each([
    [
      "turn",
      "sessionCreated sessionUpdated speechStarted speechStopped turnCommitted ignored ignored responseCreated " +
        "callerText callerTextDone ignored ignored ignored modelText audioDelta modelText audioDelta audioDone " +
        "modelTextDone ignored ignored ignored responseDone ignored",
    ],
    [
      "barge-in",
      "responseCreated modelText audioDelta speechStarted audioDelta audioDone modelTextDone ignored " +
        "responseDone ignored",
    ],
    ["tool-call", "responseCreated ignored ignored ignored toolCall responseDone"],
    ["failures", "error error error callerTextFailed responseDone responseDone error"],
  ])("is known: %s", (name, kinds) => {
    expect(fixture(name).map((line) => parseServerEvent(line).kind)).toEqual(kinds.split(" "));
  });

  it("takes calls only from answers that are whole", () => {
    const [cancelled] = fixture("barge-in").filter((line) => line.includes("response.done"));
    const [completed] = fixture("tool-call").filter((line) => line.includes("response.done"));
    expect(parseServerEvent(cancelled ?? "")).toMatchObject({ outcome: { toolCalls: [] } });
    expect(parseServerEvent(completed ?? "")).toMatchObject({
      outcome: {
        toolCalls: [{ callId: "call_1", name: "send_dtmf", argumentsJson: '{"digits":"12#"}' }],
      },
    });
  });

  it("never throws, whatever comes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(parseServerEvent(text).kind).toMatch(/malformed|unknown/);
      }),
    );
  });

  it("survives any change of one byte of a real message", () => {
    const lines = ["turn", "barge-in", "tool-call", "failures"].flatMap(fixture);
    const reader = new AudioDeltaReader();
    fc.assert(
      fc.property(fc.constantFrom(...lines), fc.nat(), fc.nat(255), (line, at, byte) => {
        const message = Buffer.from(line);
        message[at % message.length] = byte;
        reader.read(message);
        parseServerEvent(message.toString("utf8"));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what a failure means", () => {
  const errors = fixture("failures").map(parseServerEvent);

  it("lets the session go on after errors that refuse one message", () => {
    const survivable = errors.slice(0, 3).map((event) => event.kind === "error" && event.error);
    for (const error of survivable) {
      expect(error === false ? error : classifyError(error)).toBeUndefined();
    }
  });

  it("ends it at its expiry", () => {
    const last = errors.at(-1);
    expect(last?.kind === "error" ? classifyError(last.error)?.code : last).toBe("MODEL_LOST");
  });

  it.each([
    [1000, undefined, true, "MODEL_LOST"],
    [1000, undefined, false, "MODEL_CONNECT_FAILED"],
    [1006, "ECONNRESET", true, "MODEL_LOST"],
    [1006, "ECONNREFUSED", false, "MODEL_CONNECT_FAILED"],
    [1006, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", true, "MODEL_PROTOCOL"],
    [1006, "WS_ERR_INVALID_OPCODE", true, "MODEL_PROTOCOL"],
    [1008, undefined, true, "MODEL_REJECTED"],
    [1013, undefined, false, "MODEL_RATE_LIMITED"],
    [3000, undefined, false, "MODEL_REJECTED"],
    [4999, undefined, true, "MODEL_LOST"],
  ] as const)("is told by the close code: %i %s", (closeCode, errorCode, ready, code) => {
    expect(classifyClosure({ closeCode, errorCode }, ready).code).toBe(code);
  });

  it("never repeats the words of the service, which may hold a key", () => {
    const body =
      '{"error":{"type":"x","code":null,"message":"Incorrect API key provided: sk-abc"}}';
    expect(classifyRefusal(401, body).reason).not.toContain("sk-abc");
    const odd = { type: "t", code: "Key sk-abc is wrong", clientEventId: undefined };
    expect(settingsRefused(odd).reason).not.toContain("sk-abc");
  });
});

/** What every realtime model owes the engine, as the port says; run by the tests of each model. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type {
  AudioFormat,
  ModelSession,
  ModelSessionPlan,
  RealtimeModel,
} from "../../src/ports/realtime-model.ts";
import { speakNotes } from "../support/openai/voice.ts";
import { RecordingSink } from "../support/recording-sink.ts";

/** A model, and how to make the world around it go on; a new one for each test. */
export interface ModelUnderTest {
  readonly model: RealtimeModel;
  /** Makes the model speak first, for at least a second. */
  readonly plan: ModelSessionPlan;
  /** One of those the model lists. */
  readonly format: AudioFormat;
  /** Lets time pass until the predicate holds; rejects when it does not within a few seconds. */
  until(predicate: () => boolean): Promise<void>;
  /** Lets time pass in which something late would show. */
  settle(): Promise<void>;
  /** Opens a session that fails: the provider refuses, breaks off, or cannot do what is asked. */
  openFailing(sink: RecordingSink): ModelSession;
  /** Releases stand-ins, and asserts that nothing of the model is left. */
  close(): Promise<void>;
}

/** The codes a model may fail with. */
const FAILURE_CODES = [
  "MODEL_CONNECT_FAILED",
  "MODEL_REJECTED",
  "MODEL_RATE_LIMITED",
  "MODEL_PROTOCOL",
  "MODEL_LOST",
];

/** 20 ms of silence, and pieces no engine would send. */
function oddPieces(format: AudioFormat): Uint8Array[] {
  const frameBytes = (format.rateHz / 50) * (format.encoding === "pcm16" ? 2 : 1);
  return [frameBytes, 0, 1, frameBytes * 3 + 1].map((length) => new Uint8Array(length).fill(0xff));
}

/** A caller who speaks over the model for `durationMs`, in pieces of 20 ms, while time goes by. */
async function speakOver(world: ModelUnderTest, session: ModelSession, durationMs: number) {
  const frameBytes = oddPieces(world.format)[0]?.length ?? 0;
  const speech = speakNotes(world.format, 3, durationMs);
  for (let start = 0; start + frameBytes <= speech.length; start += frameBytes) {
    session.pushAudio(speech.subarray(start, start + frameBytes));
    let turns = 0;
    await world.until(() => {
      turns += 1;
      return turns > 2;
    });
  }
}

/** Calls everything there is. */
function useAllMethods(session: ModelSession, format: AudioFormat): void {
  for (const piece of oddPieces(format)) {
    expect(session.pushAudio(piece)).toBeUndefined();
  }
  session.pushDigit("5");
  session.interrupt("no-such-item", 100);
  session.played("no-such-item");
  session.dismissSpeech();
  session.toolResult("no-such-tool-call", "{}");
  session.toolResult("no-such-tool-call", "not json");
  session.say("Hello.");
  expect(() => JSON.stringify(session.toJSON())).not.toThrow();
}

/** Runs the contract. */
export function realtimeModelContract(name: string, create: () => Promise<ModelUnderTest>): void {
  describe(`${name} keeps the contract of a realtime model`, () => {
    let world: ModelUnderTest;
    let sink: RecordingSink;
    let session: ModelSession | undefined;

    beforeEach(async () => {
      world = await create();
      sink = new RecordingSink();
      session = undefined;
    });

    afterEach(async () => {
      session?.close();
      await world.close();
    });

    function open(): ModelSession {
      session = world.model.open({ ...world.plan, format: world.format }, sink);
      return session;
    }

    async function openSpeaking(): Promise<{ opened: ModelSession; itemId: string }> {
      const opened = open();
      await world.until(() => sink.all("audio").length > 0);
      return { opened, itemId: sink.itemIds[0] ?? "" };
    }

    test("describes itself in one line without the plan", () => {
      expect(world.model.describe()).toMatch(/^[^\n]+$/);
      expect(world.model.name).not.toBe("");
    });

    test("lists at least one format, each once", () => {
      const formats = world.model.capabilities.formats.map((format) => JSON.stringify(format));
      expect(formats.length).toBeGreaterThan(0);
      expect(new Set(formats).size).toBe(formats.length);
      expect(formats).toContain(JSON.stringify(world.format));
    });

    test("opens without a word, then is ready once, before anything else", async () => {
      open();
      expect(sink.entries).toEqual([]);
      await world.until(() => sink.entries.length > 0);
      await world.settle();
      expect(sink.entries[0]?.kind).toBe("ready");
      expect(sink.all("ready")).toHaveLength(1);
    });

    test("speaks the greeting as whole samples of the format, and says when it is done", async () => {
      const { itemId } = await openSpeaking();
      await world.until(() => sink.all("audioDone").length > 0);
      await world.settle();
      const sampleBytes = world.format.encoding === "pcm16" ? 2 : 1;
      expect(sink.audioOf(itemId).length).toBeGreaterThan(0);
      expect(sink.audioOf(itemId).length % sampleBytes).toBe(0);
      expect(sink.all("audioDone").filter((entry) => entry.itemId === itemId)).toHaveLength(1);
      const last = sink.entries.findLastIndex(
        (entry) => entry.kind === "audio" && entry.itemId === itemId,
      );
      const done = sink.entries.findIndex(
        (entry) => entry.kind === "audioDone" && entry.itemId === itemId,
      );
      expect(done).toBeGreaterThan(last);
    });

    test("says in the transcript what it speaks, where it claims to", async () => {
      if (!world.model.capabilities.transcripts) {
        return;
      }
      await openSpeaking();
      await world.until(() => sink.all("transcript").some((entry) => entry.final));
      const spoken = sink.all("transcript").find((entry) => entry.final);
      expect(spoken).toMatchObject({ speaker: "model", text: expect.stringMatching(/\S/) });
    });

    test("takes everything before it is ready", async () => {
      useAllMethods(open(), world.format);
      await world.settle();
      expect(sink.all("failed")).toEqual([]);
    });

    test("takes everything while it speaks", async () => {
      const { opened } = await openSpeaking();
      useAllMethods(opened, world.format);
      await world.settle();
      expect(sink.all("failed")).toEqual([]);
    });

    test("does nothing after close, whatever is called", async () => {
      const { opened } = await openSpeaking();
      opened.close();
      const before = sink.entries.length;
      useAllMethods(opened, world.format);
      opened.close();
      await world.settle();
      expect(sink.entries).toHaveLength(before);
    });

    test("is silent when it is closed before it was ready", async () => {
      open().close();
      await world.settle();
      expect(sink.entries).toEqual([]);
    });

    test("can be closed from within the sink", async () => {
      const opened = open();
      sink.onEntry = (entry) => {
        if (entry.kind === "audio") {
          opened.close();
        }
      };
      await world.until(() => sink.all("audio").length > 0);
      await world.settle();
      expect(sink.entries.at(-1)?.kind).toBe("audio");
      expect(sink.all("audio")).toHaveLength(1);
    });

    test("sends no more audio of an answer that was interrupted", async () => {
      const { opened, itemId } = await openSpeaking();
      opened.interrupt(itemId, 40);
      const before = sink.audioOf(itemId).length;
      await world.settle();
      expect(sink.audioOf(itemId)).toHaveLength(before);
      expect(sink.all("failed")).toEqual([]);
    });

    test("takes an interruption twice, and one of an answer that was played", async () => {
      const { opened, itemId } = await openSpeaking();
      opened.interrupt(itemId, 40);
      opened.interrupt(itemId, 40);
      opened.played(itemId);
      opened.interrupt(itemId, 1_000_000);
      await world.settle();
      expect(sink.all("failed")).toEqual([]);
    });

    test("says that the caller speaks, and at most once that they interrupted", async () => {
      const { arbitrated, nativeDuplex } = world.model.capabilities;
      const { opened } = await openSpeaking();
      await speakOver(world, opened, 700);
      await world.settle();
      const told = sink.all("interrupted").length;
      expect(told).toBeLessThanOrEqual(arbitrated || nativeDuplex ? 0 : 1);
      if (!nativeDuplex) {
        expect(told + sink.all("speechStarted").length).toBeGreaterThanOrEqual(1);
      }
      expect(sink.all("failed")).toEqual([]);
    });

    test("does not greet, and does not fail, where it knows what was said before", async () => {
      if (!world.model.capabilities.history) {
        return;
      }
      const history = [
        { speaker: "model" as const, text: "Hello." },
        { speaker: "caller" as const, text: "What time is it?" },
        { speaker: "model" as const, text: "It is noon." },
      ];
      session = world.model.open({ ...world.plan, history, format: world.format }, sink);
      await world.until(() => sink.all("ready").length > 0);
      await world.settle();
      expect(sink.all("failed")).toEqual([]);
      expect(sink.all("audio")).toEqual([]);
      expect(sink.all("transcript")).toEqual([]);
    });

    test("tells what it used in whole numbers, where it claims to", async () => {
      if (!world.model.capabilities.usage) {
        return;
      }
      await openSpeaking();
      await world.until(() => sink.all("usage").length > 0);
      const counts = sink.all("usage").flatMap(({ usage }) => Object.values(usage));
      expect(counts.every((tokens) => Number.isInteger(tokens) && tokens >= 0)).toBe(true);
      expect(counts.some((tokens) => tokens > 0)).toBe(true);
    });

    test("fails once, with a code and a reason, and then is over", async () => {
      session = world.openFailing(sink);
      await world.until(() => sink.all("failed").length > 0);
      useAllMethods(session, world.format);
      await world.settle();
      expect(sink.all("failed")).toHaveLength(1);
      expect(sink.entries.at(-1)?.kind).toBe("failed");
      const failure = sink.all("failed")[0]?.failure;
      expect(FAILURE_CODES).toContain(failure?.code);
      expect(failure?.reason).toMatch(/^[^\n]+$/);
    });

    test("keeps two sessions apart", async () => {
      const otherSink = new RecordingSink();
      const other = world.model.open({ ...world.plan, format: world.format }, otherSink);
      const { opened } = await openSpeaking();
      opened.close();
      const before = sink.entries.length;
      await world.until(() => otherSink.all("audioDone").length > 0);
      other.close();
      expect(sink.entries).toHaveLength(before);
    });
  });
}

/** What every model that only listens owes the engine, as the port says; run by the tests of each such model. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type {
  AudioFormat,
  ModelSession,
  ModelSessionPlan,
  RealtimeModel,
} from "../../src/ports/realtime-model.ts";
import { ListeningSink } from "../support/transcribe/bench.ts";

/** A model, and how to make the world around it go on; a new one for each test. */
export interface ListeningModelUnderTest {
  readonly model: RealtimeModel;
  readonly plan: ModelSessionPlan;
  readonly format: AudioFormat;
  /** A second of speech that the model writes down, in the format. */
  readonly speech: Uint8Array;
  /** Lets time pass, in which the session is pushed this audio, then silence. */
  hear(session: ModelSession, audio: Uint8Array, durationMs: number): Promise<void>;
  /** Opens a session that is refused for good. */
  openFailing(sink: ListeningSink): ModelSession;
  /** Releases stand-ins, and asserts that nothing of the model is left. */
  close(): Promise<void>;
}

const NOTHING = new Uint8Array();

/** Calls everything there is. */
function useAllMethods(session: ModelSession): void {
  for (const length of [320, 0, 1, 961]) {
    expect(session.pushAudio(new Uint8Array(length).fill(0xff))).toBeUndefined();
  }
  session.pushDigit("5");
  session.interrupt("no-such-item", 100);
  session.played("no-such-item");
  session.dismissSpeech();
  session.toolResult("no-such-tool-call", "not json");
  session.say("Hello.");
  session.tellRole?.("agent");
  expect(() => JSON.stringify(session.toJSON())).not.toThrow();
}

/** Runs the contract. */
export function listeningModelContract(
  name: string,
  create: () => Promise<ListeningModelUnderTest>,
): void {
  describe(`${name} keeps the contract of a model that listens`, () => {
    let world: ListeningModelUnderTest;
    let sink: ListeningSink;
    let session: ModelSession | undefined;

    beforeEach(async () => {
      world = await create();
      sink = new ListeningSink();
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

    test("says that it only listens, in one line and in its capabilities", () => {
      expect(world.model.describe()).toMatch(/^[^\n]+$/);
      const { listensOnly, continuousAudio, speaksText, tools } = world.model.capabilities;
      expect([listensOnly, continuousAudio, speaksText, tools]).toEqual([true, true, false, false]);
      expect(world.model.capabilities.formats).toContainEqual(world.format);
    });

    test("opens without a word, then is ready once", async () => {
      const opened = open();
      expect(sink.entries).toEqual([]);
      await world.hear(opened, NOTHING, 1000);
      expect(sink.entries.map(({ kind }) => kind)).toEqual(["ready"]);
    });

    test("writes down what is said as the caller's words, the last version final, and says nothing", async () => {
      const opened = open();
      await world.hear(opened, NOTHING, 1000);
      await world.hear(opened, world.speech, 3000);
      expect(sink.finals).toHaveLength(1);
      expect(new Set(sink.told.map(({ itemId }) => itemId)).size).toBe(1);
      expect(new Set(sink.all("transcript").map(({ speaker }) => speaker))).toEqual(
        new Set(["caller"]),
      );
      const { startedAtMs = 0, endedAtMs = 0 } = sink.told.at(-1)?.details ?? {};
      expect(endedAtMs).toBeGreaterThan(startedAtMs);
      expect(sink.all("audio")).toEqual([]);
      expect(sink.all("failed")).toEqual([]);
    });

    test("takes everything at any time", async () => {
      const opened = open();
      useAllMethods(opened);
      await world.hear(opened, NOTHING, 1000);
      useAllMethods(opened);
      await world.hear(opened, NOTHING, 400);
      expect(sink.all("failed")).toEqual([]);
    });

    test("does nothing after close, whatever is called", async () => {
      const opened = open();
      await world.hear(opened, NOTHING, 1000);
      await world.hear(opened, world.speech, 400);
      opened.close();
      const before = sink.entries.length;
      useAllMethods(opened);
      opened.close();
      await world.hear(opened, NOTHING, 2000);
      expect(sink.entries).toHaveLength(before);
    });

    test("is silent when it is closed before it was ready", async () => {
      const opened = open();
      opened.close();
      await world.hear(opened, NOTHING, 1000);
      expect(sink.entries).toEqual([]);
    });

    test("fails once when it is refused, with a code and a reason, and then is over", async () => {
      session = world.openFailing(sink);
      await world.hear(session, NOTHING, 1000);
      useAllMethods(session);
      await world.hear(session, NOTHING, 400);
      expect(sink.all("failed")).toHaveLength(1);
      expect(sink.all("failed")[0]?.failure.code).toBe("MODEL_REJECTED");
      expect(sink.entries.at(-1)?.kind).toBe("failed");
    });
  });
}

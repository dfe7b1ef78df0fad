/** What operators have calls do, over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeWav } from "../../src/audio/wav.ts";
import { type ErrorCode, GatewayError } from "../../src/core/errors.ts";
import { apiLab } from "../support/api-lab.ts";

let lab: Awaited<ReturnType<typeof apiLab>>;

beforeEach(async () => {
  lab = await apiLab();
  lab.directory.add("a");
});

afterEach(() => lab.app.close());

const post = (path: string, payload: object) =>
  lab.app.inject({ method: "POST", url: path, payload });

function inject(contentType: string | undefined, bytes: Uint8Array, query = "") {
  const headers = contentType === undefined ? {} : { "content-type": contentType };
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return lab.app.inject({ method: "POST", url: `/calls/a/inject${query}`, headers, payload });
}

const SECOND = Int16Array.from({ length: 8000 }, (_, i) => (i % 50) * 100);
const BARE = new Uint8Array(SECOND.buffer);

describe("an operator", () => {
  it.each([
    ["say", { text: " Please hold. " }, { kind: "say", text: "Please hold.", by: "model" }],
    [
      "say",
      { text: "Please hold.", by: "voice" },
      { kind: "say", text: "Please hold.", by: "voice" },
    ],
    ["mute", { who: "caller", on: true }, { kind: "mute", who: "caller", on: true }],
    ["mute", { who: "model", on: false }, { kind: "mute", who: "model", on: false }],
    ["dtmf", { digits: "12#*a" }, { kind: "sendDigits", digits: "12#*A" }],
    ["recording", { action: "pause" }, { kind: "record", action: "pause" }],
    ["recording", { action: "consent" }, { kind: "record", action: "consent" }],
  ])("has a call %s %j", async (path, payload, command) => {
    const answer = await post(`/calls/a/${path}`, payload);
    expect([answer.statusCode, answer.json()]).toEqual([202, { callId: "a" }]);
    expect(lab.directory.commands).toEqual([command]);
  });

  it.each([
    ["say", {}, "text"],
    ["say", { text: "  " }, "text"],
    ["say", { text: "x".repeat(1001) }, "text"],
    ["say", { text: "Hi.", by: "agent" }, "by"],
    ["say", { text: "Hi.", voice: "marin" }, "voice"],
    ["mute", { who: "everybody", on: true }, "who"],
    ["mute", { who: "caller" }, "on"],
    ["dtmf", { digits: "" }, "digits"],
    ["recording", { action: "erase" }, "action"],
    ["dtmf", { digits: "1,2" }, "digits"],
    ["dtmf", { digits: "1".repeat(65) }, "digits"],
  ])("is told what is wrong about %s %j", async (path, payload, field) => {
    const answer = await post(`/calls/a/${path}`, payload);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.message).toContain(field);
    expect(lab.directory.commands).toEqual([]);
  });

  it.each([
    ["say", { text: "Hi." }],
    ["mute", { who: "caller", on: true }],
    ["dtmf", { digits: "1" }],
    ["inject", {}],
  ])("hears 404 for a call that is not there: %s", async (path, payload) => {
    expect((await post(`/calls/nobody/${path}`, payload)).statusCode).toBe(404);
  });

  it.each<[ErrorCode, number]>([
    ["CALL_NOT_TALKING", 409],
    ["MODEL_CANNOT_SAY", 409],
    ["VOICE_CANNOT_SAY", 422],
    ["MEDIA_CLIPS_FULL", 409],
    ["MEDIA_NO_DIGITS", 409],
    ["RECORDING_NOT_ACTIVE", 409],
  ])("hears %s as %i, in words", async (code, status) => {
    lab.directory.failure = new GatewayError(code, { reason: "so it is" });
    const answer = await post("/calls/a/say", { text: "Hi." });
    expect([answer.statusCode, answer.json().error.code]).toEqual([status, code]);
    expect(answer.json().error.message).toMatch(/: so it is\.$/);
  });

  it("needs the role operate", async () => {
    const { app, directory } = await apiLab({ tokens: [{ token: "t", role: "read" }] });
    directory.add("a");
    const headers = { authorization: "Bearer t" };
    for (const path of ["say", "mute", "dtmf", "inject"]) {
      const url = `/calls/a/${path}`;
      expect((await app.inject({ method: "POST", url, headers, payload: {} })).statusCode).toBe(
        403,
      );
      expect((await app.inject({ method: "GET", url, headers })).statusCode).toBe(405);
    }
    await app.close();
  });

  it("sees who is muted", async () => {
    expect((await lab.app.inject("/calls/a")).json().muted).toEqual({ caller: false, model: true });
  });
});

describe("injected audio", () => {
  const injected = (): Int16Array[] =>
    lab.directory.commands.map((command) =>
      command.kind === "inject" ? command.samples : new Int16Array(),
    );

  it.each(["audio/wav", "audio/x-wav", "Audio/Wave"])("may be a %s", async (type) => {
    const answer = await inject(type, writeWav(8000, [SECOND]));
    expect([answer.statusCode, answer.json()]).toEqual([202, { callId: "a" }]);
    expect(injected()).toEqual([SECOND]);
  });

  it.each([
    ["audio/pcm;rate=8000", ""],
    ["audio/pcm; rate=8000; channels=1", ""],
    ["audio/pcm", "?rate=8000"],
    ["application/octet-stream", "?rate=8000&channels=1"],
  ])("may be bare samples: %s %s", async (type, query) => {
    expect((await inject(type, BARE, query)).statusCode).toBe(202);
    expect(injected()).toEqual([SECOND]);
  });

  it("is brought to the rate of the telephone", async () => {
    expect((await inject("audio/pcm;rate=16000", BARE)).statusCode).toBe(202);
    expect(injected()[0]?.length).toBe(4040);
  });

  it.each([
    ["audio/pcm", BARE, "", "rate"],
    ["audio/pcm;rate=44100", BARE, "", "rate"],
    ["audio/pcm;rate=8000;channels=6", BARE, "", "channels"],
    ["application/octet-stream", BARE, "", "rate"],
    ["application/octet-stream", BARE, "?rate=fast", "rate"],
    ["audio/wav", BARE, "", "RIFF WAVE"],
    ["audio/wav", writeWav(44_100, [SECOND]), "", "44100 Hz"],
    ["audio/wav", writeWav(8000, []), "", "channels"],
    ["audio/wav", writeWav(8000, [new Int16Array()]), "", "no audio"],
  ])("is refused with 400: %s", async (type, bytes, query, words) => {
    const answer = await inject(type, bytes, query);
    expect(answer.statusCode).toBe(400);
    expect(answer.json().error.message).toContain(words);
    expect(lab.directory.commands).toEqual([]);
  });

  it.each([undefined, "application/json", "audio/mpeg", "audio/pcmu", "text/plain"])(
    "is refused with 415 as %s",
    async (type) => {
      const answer = await inject(type, BARE);
      expect([answer.statusCode, answer.json().error.code]).toEqual([415, "API_MEDIA_TYPE"]);
    },
  );

  it("is refused with 413 when it is too much", async () => {
    const bytes = new Uint8Array(16 * 1024 * 1024 + 1);
    const answer = await inject("audio/pcm;rate=48000", bytes);
    expect([answer.statusCode, answer.json().error.code]).toEqual([413, "API_TOO_LARGE"]);
    const long = await inject("audio/wav", writeWav(8000, [new Int16Array(2_400_001)]));
    expect([long.statusCode, long.json().error.code]).toEqual([413, "MEDIA_CLIP_TOO_LONG"]);
  });

  it("is documented", async () => {
    const { paths } = (await lab.app.inject("/docs/json")).json();
    for (const path of ["say", "mute", "dtmf", "inject"]) {
      expect(Object.keys(paths[`/calls/{id}/${path}`] ?? {})).toEqual(["post"]);
    }
  });
});

describe("other paths", () => {
  it("take no audio", async () => {
    const headers = { "content-type": "audio/wav" };
    const answer = await lab.app.inject({
      method: "POST",
      url: "/calls",
      headers,
      payload: "RIFF",
    });
    expect(answer.statusCode).toBe(415);
  });
});

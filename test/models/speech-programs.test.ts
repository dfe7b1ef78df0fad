import { describe, expect, test } from "vitest";
import { writeWav } from "../../src/audio/wav.ts";
import { detectSpeech } from "../../src/models/local-speech.ts";
import type {
  ProgramRequest,
  ProgramResult,
  ProgramRunner,
} from "../../src/models/program-runner.ts";
import { buildGrammar, pronunciationsFrom } from "../../src/models/speech-grammar.ts";
import { createSphinxRecogniser } from "../../src/models/speech-recogniser.ts";
import { findSynthesiser } from "../../src/models/speech-synthesiser.ts";

const DICTIONARY = "bye B AY\nhelp HH EH L P\nno N OW\nthe DH AH\nthe(2) DH IY\nyes Y EH S\n";
const signal = new AbortController().signal;

/** Has the programs it is told of, and answers every run alike. */
class FakePrograms implements ProgramRunner {
  readonly requests: ProgramRequest[] = [];
  readonly #installed: readonly string[];
  readonly #result: ProgramResult;

  constructor(
    installed: readonly string[],
    result: ProgramResult = { kind: "failed", reason: "exit" },
  ) {
    this.#installed = installed;
    this.#result = result;
  }

  locate(name: string): string | undefined {
    return this.#installed.includes(name) ? `/usr/bin/${name}` : undefined;
  }

  isReadable(): boolean {
    return false;
  }

  run(request: ProgramRequest): Promise<ProgramResult> {
    this.requests.push(request);
    return Promise.resolve(this.#result);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function done(output: Uint8Array | string): ProgramResult {
  return { kind: "done", output: Buffer.from(output) };
}

describe("a speech grammar", () => {
  const pronounce = pronunciationsFrom(DICTIONARY);

  test("holds the phrases, decoys, and the pronunciations of both", () => {
    const grammar = buildGrammar(["yes", "bye bye"], pronounce);
    const weight = `1${"0".repeat(24)}`;
    expect(grammar?.jsgf).toBe(
      "#JSGF V1.0;\ngrammar step;\n<decoy> = the;\n" +
        `public <answer> = /${weight}/ yes | /${weight}/ bye bye | ` +
        "/1/ <decoy> | /1/ <decoy> <decoy> | /1/ <decoy> <decoy> <decoy>;\n",
    );
    expect(grammar?.dictionary).toBe("yes Y EH S\nbye B AY\nthe DH AH\nthe(2) DH IY\n");
  });

  test("leaves out phrases that cannot be read, and anything that is not words", () => {
    const phrases = ["yes", "xylophone", "no; <all>", "", "Yes"];
    expect(buildGrammar(phrases, pronounce)?.unreadable).toEqual(phrases.slice(1));
    expect(buildGrammar(["xylophone"], pronounce)).toBeUndefined();
  });
});

describe("the recogniser", () => {
  function recognise(hypothesis: ProgramResult, speechMs = 400): Promise<string | undefined> {
    const recogniser = createSphinxRecogniser({
      programs: new FakePrograms([], hypothesis),
      path: "pocketsphinx_batch",
      acousticModel: "/model",
      pronounce: pronunciationsFrom(DICTIONARY),
    });
    const utterance = { samples: new Int16Array(800), speechMs };
    return recogniser.recognise(utterance, ["yes", "bye bye"], signal);
  }

  test.each([
    ["yes (speech -2606)\n", "yes"],
    ["bye bye (speech -1)\n", "bye bye"],
    ["the (speech -2606)\n", undefined],
    ["(speech -9)\n", undefined],
    ["", undefined],
    ["no (speech -2)\n", undefined],
  ])("reads %j as %j", async (hypothesis, phrase) => {
    expect(await recognise(done(hypothesis))).toBe(phrase);
  });

  test("does not believe in a short phrase that took long to say", async () => {
    expect(await recognise(done("yes (speech -2606)\n"), 890)).toBe("yes");
    expect(await recognise(done("yes (speech -2606)\n"), 900)).toBeUndefined();
  });

  test("does not start for more speech than any phrase takes", async () => {
    const programs = new FakePrograms([], done("yes (speech -2606)\n"));
    const pronounce = pronunciationsFrom(DICTIONARY);
    const options = { programs, path: "pocketsphinx_batch", acousticModel: "/model", pronounce };
    const utterance = { samples: new Int16Array(80_000), speechMs: 9_000 };
    const recogniser = createSphinxRecogniser(options);
    expect(await recogniser.recognise(utterance, ["yes"], signal)).toBeUndefined();
    expect(programs.requests).toEqual([]);
  });

  test.each(["busy", "timeout", "aborted", "exit"] as const)(
    "reads nothing on %s",
    async (reason) => {
      expect(await recognise({ kind: "failed", reason })).toBeUndefined();
    },
  );
});

describe("the synthesiser", () => {
  test("prefers flite, and keeps the text out of the arguments", async () => {
    const programs = new FakePrograms(["espeak-ng", "flite"]);
    const synthesiser = findSynthesiser(programs);
    expect(synthesiser?.program).toBe("flite");
    expect(await synthesiser?.speak("Hello.", signal)).toBeUndefined();
    expect(programs.requests[0]?.args.join(" ")).not.toContain("Hello");
    expect(programs.requests[0]?.files).toEqual({ "text.txt": "Hello.\n" });
  });

  test.each([8000, 16_000, 22_050])("brings %i Hz to 8 kHz and one level", async (rateHz) => {
    const tone = Int16Array.from({ length: rateHz }, (_, i) =>
      i < rateHz / 2 ? 0 : Math.round(900 * Math.sin((2 * Math.PI * 400 * i) / rateHz)),
    );
    const programs = new FakePrograms(["flite"], done(writeWav(rateHz, [tone])));
    const spoken = (await findSynthesiser(programs)?.speak("Hello.", signal)) ?? new Int16Array();
    expect(Math.abs(spoken.length / 8 - 530)).toBeLessThan(25);
    const energy =
      spoken.reduce((sum, sample) => sum + sample * sample, 0) / (spoken.length * 0.94);
    expect(Math.abs(10 * Math.log10(energy / 32_768 ** 2) + 20)).toBeLessThan(0.5);
  });

  test("gives nothing for a file that is no WAV", async () => {
    const programs = new FakePrograms(["espeak-ng"], done("no audio"));
    expect(await findSynthesiser(programs)?.speak("Hello.", signal)).toBeUndefined();
  });
});

describe("the machine", () => {
  test("is looked at once, and what is missing is named", async () => {
    expect((await detectSpeech(new FakePrograms([]), "auto")).missing).toEqual([
      "no pocketsphinx_batch on this machine",
      "no flite or espeak-ng on this machine",
    ]);
    const half = await detectSpeech(new FakePrograms(["flite", "pocketsphinx_batch"]), "auto");
    expect(half.missing).toEqual(["no model in /usr/share/pocketsphinx/model/en-us"]);
    expect(half.synthesiser?.program).toBe("flite");
  });

  test("is left alone when speech is off", async () => {
    const speech = await detectSpeech(new FakePrograms(["flite"]), "off");
    expect(speech).toEqual({
      synthesiser: undefined,
      recogniser: undefined,
      missing: ["speech is off"],
    });
  });
});

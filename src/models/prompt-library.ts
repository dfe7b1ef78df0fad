/** The shipped prompts: texts that can be spoken without any program on the machine. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { readWav } from "../audio/wav.ts";
import { GatewayError } from "../core/errors.ts";

/** The index of a prompt directory: text → WAV file beside it. */
export const PROMPT_INDEX_FILE = "index.yaml";

/** Spoken in place of a text that cannot be. */
export const CANNOT_SAY_TEXT = "I cannot say that here.";

/** Recorded texts, found whatever their case, white space and punctuation. */
export class PromptLibrary {
  readonly #prompts: ReadonlyMap<string, Int16Array>;

  /** @param prompts text → PCM16 at 8 kHz. */
  constructor(prompts: Iterable<readonly [text: string, samples: Int16Array]>) {
    this.#prompts = new Map([...prompts].map(([text, samples]) => [normaliseText(text), samples]));
  }

  get size(): number {
    return this.#prompts.size;
  }

  /** PCM16 at 8 kHz, not to be changed; `undefined` for a text that was never recorded. */
  find(text: string): Int16Array | undefined {
    return this.#prompts.get(normaliseText(text));
  }
}

/**
 * Reads `index.yaml` of `directory` and the 8 kHz WAV files it names; a directory without an index is an empty library.
 * Rejects with AUDIO_FILE_INVALID (details: file) for anything else that cannot be used.
 */
export async function loadPromptLibrary(directory: string): Promise<PromptLibrary> {
  const index = await readIndex(join(directory, PROMPT_INDEX_FILE));
  const prompts = await Promise.all(
    Object.entries(index).map(
      async ([text, file]) => [text, await readPrompt(join(directory, file))] as const,
    ),
  );
  return new PromptLibrary(prompts);
}

/** What two texts have in common that sound the same: lower case, one space between words, no punctuation. */
export function normaliseText(text: string): string {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}']+/gu) ?? [];
  return words.join(" ");
}

async function readIndex(file: string): Promise<Readonly<Record<string, string>>> {
  let content: unknown;
  try {
    content = parse(await readFile(file, "utf8"));
  } catch (error) {
    if (isMissingFile(error)) {
      return {};
    }
    throw new GatewayError("AUDIO_FILE_INVALID", { file }, { cause: error });
  }
  if (!isTextTable(content)) {
    throw new GatewayError("AUDIO_FILE_INVALID", { file, expected: "a table of text: file" });
  }
  return content;
}

async function readPrompt(file: string): Promise<Int16Array> {
  const { samples, rateHz } = await readFile(file)
    .then(readWav)
    .catch((error: unknown) => {
      throw new GatewayError("AUDIO_FILE_INVALID", { file }, { cause: error });
    });
  const [mono] = samples;
  if (rateHz !== 8000 || mono === undefined) {
    throw new GatewayError("AUDIO_FILE_INVALID", { file, rateHz, expected: 8000 });
  }
  return mono;
}

function isMissingFile(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

function isTextTable(value: unknown): value is Record<string, string> {
  return (
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((file) => typeof file === "string")
  );
}

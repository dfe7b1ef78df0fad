/** Asks a service of AWS within a time, and makes of its answer passages that are bounded. */
import { awsFailure } from "../core/aws-failure.ts";
import { after, type Clock } from "../core/clock.ts";
import type { KnowledgeOutcome, KnowledgePassage, KnowledgeRequest } from "../ports/knowledge.ts";

/** What a service says of a passage, before it is believed. */
export interface FoundPassage {
  readonly title?: string | undefined;
  readonly uri?: string | undefined;
  readonly text?: string | undefined;
}

const MAX_TITLE = 200;
const MAX_TEXT = 4000;
const MAX_URI = 1000;

/** Never rejects; `ask` gets a signal that aborts when time is over or nobody waits any more. */
export async function askInTime(
  clock: Clock,
  { maxPassages, timeoutMs, signal }: KnowledgeRequest,
  ask: (signal: AbortSignal) => Promise<readonly FoundPassage[]>,
): Promise<KnowledgeOutcome> {
  const ending = new AbortController();
  const abort = (): void => ending.abort();
  const timer = after(clock, timeoutMs, abort);
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) {
      return { kind: "failed", failure: "timedOut" };
    }
    const found = await ask(ending.signal);
    return { kind: "found", passages: found.flatMap(readPassage).slice(0, maxPassages) };
  } catch (error) {
    return { kind: "failed", failure: ending.signal.aborted ? "timedOut" : awsFailure(error) };
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", abort);
  }
}

/** Nothing where there is no text. */
function readPassage({ title, uri, text }: FoundPassage): readonly KnowledgePassage[] {
  const known = plainText(text ?? "", MAX_TEXT);
  if (known === "") {
    return [];
  }
  const address = shownUri(uri);
  const named = plainText(title ?? "", MAX_TITLE);
  return [{ title: named === "" ? nameOf(address) : named, uri: address, text: known }];
}

/** Pages make links of addresses: anything but a document's is left out. */
function shownUri(uri: string | undefined): string | undefined {
  const url = uri !== undefined && URL.canParse(uri) ? new URL(uri) : undefined;
  const isDocument = url !== undefined && ["https:", "http:", "s3:"].includes(url.protocol);
  return isDocument && url.username === "" && url.password === ""
    ? uri?.slice(0, MAX_URI)
    : undefined;
}

function nameOf(uri: string | undefined): string {
  const name = uri?.replace(/[?#].*$/, "").replace(/^.*\//, "") ?? "";
  return name === "" ? "a passage without a title" : name.slice(0, MAX_TITLE);
}

/** Without control characters, which no page shows. */
function plainText(text: string, maxCharacters: number): string {
  return text
    .slice(0, maxCharacters)
    .replace(/[^\P{C}\n\t]/gu, " ")
    .trim();
}

/** A recording session whose words are written down by a service: what is said on its two sides, who sends it, what a page is told. */
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeWav } from "../../../src/audio/wav.ts";
import { wordsFrom } from "../../support/numbered-words.ts";
import { AssistPage, type PageMessage } from "./assist-page.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { eventually } from "./waiting.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const RATE_HZ = 8000;

/** What a page may be told of a session. */
export interface Told {
  readonly kind: string;
  readonly role?: string;
  readonly text?: string;
  readonly final?: boolean;
  readonly label?: string;
  readonly part?: string;
  readonly ok?: boolean;
  readonly finding?: string;
  readonly utteranceId?: string;
  readonly startMs?: number;
}

/** A folder with the shipped flows, in which sessions are heard by the model `ears`. The caller removes it. */
export function flowsWithEars(): { readonly folder: string; readonly flows: string } {
  const folder = mkdtempSync(join(tmpdir(), "transcribe-"));
  const flows = join(folder, "flows");
  cpSync(join(ROOT, "flows"), flows, { recursive: true });
  const flow = join(flows, "assist.yaml");
  writeFileSync(flow, readFileSync(flow, "utf8").replace("model: local", "model: ears"));
  return { folder, flows };
}

/** Five numbered words at each of these times. */
export function side(firstWord: number, timesMs: readonly number[], seconds: number): Int16Array {
  const samples = new Int16Array(seconds * RATE_HZ);
  for (const [index, atMs] of timesMs.entries()) {
    samples.set(wordsFrom(firstWord + index * 5, 5), (atMs * RATE_HZ) / 1000);
  }
  return samples;
}

/** Writes both sides to a file of the folder. */
export function conversationFile(
  folder: string,
  name: string,
  sides: readonly Int16Array[],
): string {
  const file = join(folder, `${name}.wav`);
  writeFileSync(file, writeWav(RATE_HZ, sides));
  return file;
}

/** `trunkline siprec send`; resolves with the Call-ID of SIP when all was sent. */
export function sendSession(file: string, gateway: GatewayProcess): Promise<string> {
  const to = `sip:anything@${gateway.target};transport=tcp`;
  const program = [join(ROOT, "dist", "main.js"), "siprec", "send", file, "--json", "--to", to];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, program, (error, stdout, stderr) => {
      if (error === null) {
        resolve((JSON.parse(stdout) as { sipCallId: string }).sipCallId);
      } else {
        reject(new Error(`${stdout}\n${stderr}`));
      }
    });
  });
}

/** A page that follows the one call in progress; the caller closes its socket. */
export async function followSession(
  gateway: GatewayProcess,
): Promise<{ readonly page: AssistPage; readonly callId: string }> {
  const { callId } = await eventually("a call", async () => (await gateway.calls())[0], 60_000);
  const page = await AssistPage.open(`http://127.0.0.1:${gateway.httpPort}`);
  await page.subscribe({ callId });
  return { page, callId };
}

/** Everything of one kind that a page was told. */
export function eventsOf(page: AssistPage, kind: string): Told[] {
  return page.messages
    .map(({ event }: PageMessage) => event as Told | undefined)
    .filter((event): event is Told => event?.kind === kind);
}

/** What was said and will not change. */
export function finals(page: AssistPage): Told[] {
  return eventsOf(page, "transcript").filter(({ final }) => final === true);
}

/** The numbers of `word N`, in order. */
export function numbersIn(lines: readonly { readonly text?: string }[]): readonly number[] {
  return lines.flatMap(({ text = "" }) =>
    [...text.matchAll(/word (\d+)/g)].map((match) => Number(match[1])),
  );
}

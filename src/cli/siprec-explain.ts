/** `trunkline siprec explain`: a pasted SIPREC INVITE in words, what is wrong with it, and what we do about it. */
import {
  type ExplainedOddity,
  type ExplainedRequest,
  explainRecording,
  type RecordingExplanation,
} from "../app/explain-recording.ts";
import type { RecordingEnd } from "../app/explain-recording-end.ts";
import { loadRoleRules } from "../app/role-rules.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { type Output, type Tone, table } from "./output.ts";
import { factText } from "./siprec-facts.ts";

/** What is explained, and how it is told. */
export interface SiprecExplainOptions {
  /** A file; `-`: what is piped in. */
  readonly file: string;
  /** A file of role rules. */
  readonly roles?: string | undefined;
  readonly trunk?: string | undefined;
  readonly json: boolean;
}

const PIPE = "/dev/stdin";
const TONES: Readonly<Record<ExplainedOddity["weight"], Tone>> = {
  error: "bad",
  warning: "warning",
  note: "faint",
};

/** Exit code 0: something can be recorded; 1: nothing can; 2: there is nothing to explain, or the rules are wrong. */
export function explainSiprec(options: SiprecExplainOptions, context: CommandContext): ExitCode {
  const { output, files } = context;
  const rules = options.roles === undefined ? undefined : loadRoleRules(options.roles, files);
  const bytes = readBytes(options.file, context);
  if (bytes === undefined) {
    output.fail(`${options.file} does not exist or cannot be read`);
    return 2;
  }
  const explanation = explainRecording(bytes, { rules, trunk: options.trunk });
  if (explanation === undefined) {
    output.fail(
      `${options.file} holds no INVITE, UPDATE, INFO or MESSAGE, and no body of one: paste the request with all its lines`,
    );
    return 2;
  }
  if (options.json) {
    output.json(explanation);
  } else {
    print(explanation, output);
  }
  return explanation.end.recordable > 0 || isMetadataAlone(explanation) ? 0 : 1;
}

/** A bare snapshot says nothing of audio, and need not. */
function isMetadataAlone({ requests }: RecordingExplanation): boolean {
  return requests.every(
    ({ dataMode, oddities }) => dataMode !== null && oddities.some(isMetadataOnly),
  );
}

function isMetadataOnly({ code }: ExplainedOddity): boolean {
  return code === "metadataAlone";
}

function readBytes(file: string, { files }: CommandContext): Uint8Array | undefined {
  try {
    return files.readBytes(file === "-" ? PIPE : file);
  } catch {
    return undefined;
  }
}

function print({ requests, end }: RecordingExplanation, output: Output): void {
  for (const [index, request] of requests.entries()) {
    printRequest(request, index === 0 ? "no recording session" : "goes on", output);
    output.data("");
  }
  if (requests.length > 1) {
    output.data("After all that:");
  }
  printEnd(end, output);
}

function printRequest(request: ExplainedRequest, otherwise: string, output: Output): void {
  const { method, isRecording, because, vendor, fault, sdpFault, dataMode } = request;
  const what = isRecording ? `a recording session (${because.join(", ")})` : otherwise;
  const who = vendor === null ? "" : `, apparently ${vendor.vendor}, by ${vendor.because}`;
  output.data(method === null ? "A body alone" : `${method}: ${what}${who}`);
  if (fault !== null) {
    output.data(`  ${output.tint("bad", "refused")}  ${fault}`);
  }
  printRows(
    request.parts.map(({ where, type, bytes, disposition }) => [
      where,
      type === "" ? "no type" : type,
      `${bytes} bytes`,
      [disposition, type.includes("rs-metadata") ? dataMode : null]
        .filter((word) => word !== null)
        .join(", "),
    ]),
    output,
  );
  if (sdpFault !== null) {
    output.data(`  ${output.tint("bad", "SDP")}  ${sdpFault}`);
  }
  printRows(
    request.identifiers.map(({ kind, value, from }) => [kind, value, `(${from})`]),
    output,
  );
  for (const text of request.userToUser) {
    output.data(`  User-to-User  ${visible(text)}`);
  }
  for (const fact of request.facts) {
    output.data(`  ${factText(fact)}`);
  }
  printOddities(request.oddities, output);
}

/** What we do about a quirk stands once, after all that shows it. */
function printOddities(oddities: readonly ExplainedOddity[], output: Output): void {
  for (const [index, { weight, where, text, quirk, whatWeDo }] of oddities.entries()) {
    output.data(
      `  ${output.tint(TONES[weight], weight)}  ${where.map(visible).join(", ")}: ${text}`,
    );
    if (quirk !== null && oddities[index + 1]?.quirk !== quirk) {
      output.data(`    ${output.tint("faint", `${quirk}: ${whatWeDo}`)}`);
    }
  }
}

function printEnd(end: RecordingEnd, output: Output): void {
  const { streams, participants, extensions, sessions } = end;
  output.data(streams.length === 0 ? "No streams" : "Streams");
  printRows(
    streams.map(
      ({ line, label, port, direction, answer, encodings, speakers, role, ...stream }) => [
        label === null ? `m-line ${line}` : `label ${visible(label)}`,
        `${stream.kind} ${port}`,
        encodings.join(" "),
        `${direction}, we answer ${answer}`,
        stream.recordState === null ? "" : `record:${stream.recordState}`,
        speakers.length === 0 ? "" : `from ${speakers.map(visible).join(" and ")}`,
        role === null ? "" : `${role.role}: ${role.because}`,
      ],
    ),
    output,
  );
  output.data(participants.length === 0 ? "No participants are known" : "Participants");
  printRows(
    participants.map(({ id, names, speaksOn, hears, role, recordingAware }) => [
      visible(id),
      names.map(visible).join("; "),
      speaksOn.length === 0
        ? "speaks on no stream"
        : `speaks on ${speaksOn.map(visible).join(", ")}`,
      hears.length === 0 ? "" : `hears ${hears.map(visible).join(", ")}`,
      recordingAware === null ? "" : `${recordingAware ? "knows" : "does not know"} of recording`,
      role === null ? "" : `${role.role}: ${role.because}`,
    ]),
    output,
  );
  const grouped = sessions.filter(({ group }) => group !== null);
  for (const { id, group } of grouped) {
    output.data(`Session ${visible(id)} is of group ${visible(group ?? "")}`);
  }
  if (extensions.length > 0) {
    output.data("Extension data");
    printRows(
      extensions.map(({ owner, ownerId, name, value }) => [
        ownerId === undefined ? owner : `${owner} ${visible(ownerId)}`,
        visible(name),
        visible(value),
      ]),
      output,
    );
  }
  if (participants.length + streams.length > 0 && !end.hasRules) {
    output.data("Roles are unknown: SIPREC does not tell them; --roles FILE applies rules");
  }
  output.data(resultText(end, output));
}

function resultText({ recordable, streams, participants }: RecordingEnd, output: Output): string {
  if (streams.length === 0 && participants.length > 0) {
    return "metadata alone: it says who speaks, not what can be recorded";
  }
  const count = `${recordable} of ${streams.length} ${streams.length === 1 ? "stream" : "streams"}`;
  return recordable > 0
    ? output.tint("good", `${count} can be recorded`)
    : output.tint("bad", "nothing can be recorded of this");
}

function printRows(rows: readonly (readonly string[])[], output: Output): void {
  const used = rows.map((row) =>
    row.filter((_cell, column) => rows.some((other) => other[column] !== "")),
  );
  for (const line of table(used)) {
    output.data(`  ${line}`);
  }
}

/** What a caller sent cannot move the cursor of a terminal. */
function visible(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, "\uFFFD");
}

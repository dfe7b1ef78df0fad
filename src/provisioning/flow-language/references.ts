/** JSONPath references of contact flows: `$.Attributes.name` and what else may be read while a contact is handled. */
import { didYouMean } from "../../core/did-you-mean.ts";

const WHOLE = [
  "ContactId",
  "InitialContactId",
  "PreviousContactId",
  "RelatedContactId",
  "TaskContactId",
  "InstanceARN",
  "AwsRegion",
  "Channel",
  "LanguageCode",
  "StoredCustomerInput",
  "Name",
  "Description",
  "TextToSpeechVoiceId",
] as const;

const ROOTS = [
  "Attributes",
  "FlowAttributes",
  "SegmentAttributes",
  "External",
  "CustomerEndpoint",
  "SystemEndpoint",
  "Queue",
  "Agent",
  "Lex",
  "Media",
  "MediaStreams",
  "Metrics",
  "References",
  "Customer",
  "Case",
  "Task",
  "Wisdom",
  "Loop",
  "Views",
  "Email",
  "Segment",
] as const;

const FIXED: Readonly<Record<string, readonly string[]>> = {
  CustomerEndpoint: ["Address", "Type", "DisplayName"],
  SystemEndpoint: ["Address", "Type", "DisplayName"],
};

const STREAM = /^Customer\.Audio\.(?:StreamARN|StartTimestamp|StopTimestamp|StartFragmentNumber)$/;
const SIP = /^Sip\.(?:SiprecMetadata|Headers\.[A-Za-z0-9_-]+)$/;
const SHAPE = /^\$\.([A-Za-z]+)(?:\.([A-Za-z0-9_.\-$'[\]]+)|(\['.+'\]))?$/;

/** Whether a value is read when the flow runs. */
export function isReference(text: string): boolean {
  return text.startsWith("$.") || text.startsWith("$[");
}

/** What is wrong with a reference; `undefined`: nothing that is known. */
export function referenceProblem(text: string): string | undefined {
  if (text.startsWith("$[")) {
    return undefined;
  }
  const [, root = "", dotted, bracketed] = SHAPE.exec(text) ?? [];
  if ((WHOLE as readonly string[]).includes(root)) {
    return dotted === undefined && bracketed === undefined
      ? undefined
      : `expected $.${root} alone, found ${text}`;
  }
  if (!(ROOTS as readonly string[]).includes(root)) {
    const hint = didYouMean(root, [...WHOLE, ...ROOTS]);
    return `expected a reference such as $.Attributes.name, found ${text}${hint}`;
  }
  if (dotted === undefined && bracketed === undefined) {
    return `expected a name behind $.${root}, found ${text}`;
  }
  return bracketed === undefined ? partProblem(root, dotted ?? "", text) : undefined;
}

function partProblem(root: string, part: string, text: string): string | undefined {
  const names = FIXED[root];
  if (names !== undefined && !names.includes(part)) {
    return `expected $.${root}.${names.join(` or $.${root}.`)}, found ${text}${didYouMean(part, names)}`;
  }
  if (root === "MediaStreams" && !STREAM.test(part)) {
    return `expected $.MediaStreams.Customer.Audio.StreamARN, StartTimestamp, StopTimestamp or StartFragmentNumber, found ${text}`;
  }
  if (root === "Media" && !SIP.test(part)) {
    return `expected $.Media.Sip.Headers.NAME or $.Media.Sip.SiprecMetadata, found ${text}`;
  }
  return undefined;
}

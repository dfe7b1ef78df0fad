/** The order of events that Nova Sonic insists on, and the limits of what it is told. */
import type { ClientContent, ClientEvent, ClientPrompt, ClientSession } from "./client-events.ts";

/** A refusal, in the service's words where they are known. */
export class ProtocolViolation extends Error {}

const HISTORY_LIMITS = {
  v1: { entries: 40, entryBytes: 1000, bytes: 40_000 },
  v2: { entries: 10_000, entryBytes: 50_000, bytes: 200_000 },
} as const;

/** Something that was said before the session. */
export interface ToldEntry {
  readonly role: "USER" | "ASSISTANT";
  text: string;
}

interface OpenContent {
  readonly start: ClientContent;
  text: string;
}

/** Which protocol is spoken. */
export type StandInGeneration = "v1" | "v2";

/** Follows one session; throws what the service refuses. */
export class NovaProtocol {
  readonly history: ToldEntry[] = [];
  /** Outputs of tools, by the id of their use. */
  readonly toolOutputs = new Map<string, string>();
  session: ClientSession | undefined;
  prompt: ClientPrompt | undefined;
  instructions: string | undefined;
  /** Uses of tools that wait for an answer. */
  readonly openTools = new Set<string>();
  isAudioOpen = false;
  readonly #generation: StandInGeneration;
  readonly #contents = new Map<string, OpenContent>();
  readonly #usedNames = new Set<string>();
  #hadAudio = false;
  #isPromptEnded = false;
  #isOver = false;

  constructor(generation: StandInGeneration) {
    this.#generation = generation;
  }

  /** @returns the content that this event completed */
  take(event: ClientEvent): OpenContent | undefined {
    this.#check(!this.#isOver, "Events after sessionEnd are not allowed");
    if ("sessionStart" in event) {
      this.#check(this.session === undefined, "sessionStart was sent twice");
      const hasTurns = event.sessionStart.turnDetectionConfiguration !== undefined;
      this.#check(
        !(hasTurns && this.#generation === "v1"),
        "turnDetectionConfiguration is unknown",
      );
      this.session = event.sessionStart;
      return undefined;
    }
    this.#check(this.session !== undefined, "sessionStart must be the first event");
    if ("sessionEnd" in event) {
      this.#check(this.#isPromptEnded, "sessionEnd needs promptEnd before it");
      this.#isOver = true;
      return undefined;
    }
    if ("promptStart" in event) {
      this.#startPrompt(event.promptStart);
      return undefined;
    }
    return this.#takeOfPrompt(event);
  }

  #startPrompt(prompt: ClientPrompt): void {
    this.#check(this.prompt === undefined, "promptStart was sent twice");
    for (const { toolSpec } of prompt.toolConfiguration?.tools ?? []) {
      this.#check(isJsonObject(toolSpec.inputSchema.json), "inputSchema is no JSON");
    }
    this.prompt = prompt;
  }

  #takeOfPrompt(event: Exclude<ClientEvent, object & { sessionStart: unknown }>) {
    const body = Object.values(event)[0] as { promptName?: string; contentName?: string };
    this.#check(this.prompt !== undefined, "promptStart is missing");
    this.#check(body.promptName === this.prompt?.promptName, "unknown promptName");
    this.#check(!this.#isPromptEnded, "the prompt has ended");
    if ("promptEnd" in event) {
      this.#check(this.#contents.size === 0, "contents are still open at promptEnd");
      this.#isPromptEnded = true;
      return undefined;
    }
    if ("contentStart" in event) {
      this.#startContent(event.contentStart);
      return undefined;
    }
    const content = this.#contents.get(body.contentName ?? "");
    if (content === undefined) {
      throw new ProtocolViolation("unknown contentName");
    }
    if ("contentEnd" in event) {
      this.#contents.delete(event.contentEnd.contentName);
      this.#endContent(content);
      return content;
    }
    this.#fill(content, event);
    return undefined;
  }

  #startContent(start: ClientContent): void {
    this.#check(!this.#usedNames.has(start.contentName), "contentName was used before");
    this.#usedNames.add(start.contentName);
    if (start.type === "TEXT" && start.role === "SYSTEM") {
      this.#check(this.instructions === undefined, "two SYSTEM contents");
    } else {
      this.#check(this.instructions !== undefined, "SYSTEM content must come first");
    }
    if (start.type === "TEXT" && start.role !== "SYSTEM") {
      const isChat = start.interactive && this.#generation === "v2" && start.role === "USER";
      const late = "Chat history should be sent completely before streaming audio";
      this.#check(isChat === this.#hadAudio || !this.#hadAudio, late);
    }
    if (start.type === "AUDIO") {
      this.#check(!this.isAudioOpen, "two AUDIO contents");
      this.isAudioOpen = true;
      this.#hadAudio = true;
    }
    if (start.type === "TOOL") {
      const { toolUseId } = start.toolResultInputConfiguration;
      this.#check(this.openTools.has(toolUseId), "Tool Response parsing error: unknown toolUseId");
    }
    this.#contents.set(start.contentName, { start, text: "" });
  }

  #fill(content: OpenContent, event: ClientEvent): void {
    const { type } = content.start;
    if ("textInput" in event) {
      this.#check(type === "TEXT", "textInput in another content");
      content.text += event.textInput.content;
    } else if ("audioInput" in event) {
      this.#check(type === "AUDIO", "audioInput in another content");
    } else if ("toolResult" in event) {
      this.#check(type === "TOOL", "toolResult in another content");
      content.text += event.toolResult.content;
    }
  }

  #endContent({ start, text }: OpenContent): void {
    if (start.type === "AUDIO") {
      this.isAudioOpen = false;
    } else if (start.type === "TOOL") {
      this.#check(isJsonObject(text), "Tool Response parsing error");
      const { toolUseId } = start.toolResultInputConfiguration;
      this.openTools.delete(toolUseId);
      this.toolOutputs.set(toolUseId, text);
    } else if (start.role === "SYSTEM") {
      this.instructions = text;
    } else if (!start.interactive) {
      this.#addHistory({ role: start.role, text });
    }
  }

  #addHistory(entry: ToldEntry): void {
    const limits = HISTORY_LIMITS[this.#generation];
    this.history.push(entry);
    const bytes = this.history.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
    this.#check(this.history[0]?.role === "USER", "the first message must be of role USER");
    const isOver =
      this.history.length > limits.entries ||
      Buffer.byteLength(entry.text) > limits.entryBytes ||
      bytes > limits.bytes;
    this.#check(!isOver, "Chat history is over max limit");
  }

  #check(isRight: boolean, message: string): void {
    if (!isRight) {
      throw new ProtocolViolation(message);
    }
  }
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

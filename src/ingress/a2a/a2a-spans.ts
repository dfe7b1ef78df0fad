/** What a turn was made of, as OpenTelemetry spans: the model's answer, and the tools it called. */
import type { Random } from "../../core/random.ts";
import type { MediaFact, TurnTiming } from "../../ports/media-facts.ts";

/** Words kept of one side of a turn. */
const MAX_CHARACTERS = 4000;
const MAX_TOOLS = 16;

/** The trace that Connect's request belongs to. W3C Trace Context "traceparent Header". */
export interface TraceParent {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

/** What spans are made with. */
export interface A2aSpansOptions {
  readonly random: Random;
  readonly parent: TraceParent;
  /** Name of the agent: the flow. */
  readonly agent: string;
  /** What was said goes along; else only times and counts do. */
  readonly withText: boolean;
}

interface Tool {
  readonly name: string;
  readonly atMs: number;
}

/**
 * Reads the headers of the handshake. Connect writes its parent into tracestate as `connect=parentSpanId:UUID`, of which
 * the first 16 digits are the span's id, as its sample shows.
 */
export function readTraceParent(traceparent: unknown, tracestate: unknown): TraceParent {
  const trace = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(String(traceparent));
  const connect = /(?:^|,)\s*connect=parentSpanId:([0-9a-f-]{36})/i.exec(String(tracestate))?.[1];
  const spanId = connect?.replaceAll("-", "").slice(0, 16).toLowerCase() ?? trace?.[2];
  return { traceId: trace?.[1], spanId };
}

/** Gathers facts, and makes one document a turn. */
export class A2aSpans {
  readonly #options: A2aSpansOptions;
  /** The first turn belongs to Connect's own trace, each later one to one of its own. */
  #traceId: string | undefined;
  #heard = "";
  #said = "";
  #tools: Tool[] = [];

  constructor(options: A2aSpansOptions) {
    this.#options = options;
    this.#traceId = options.parent.traceId;
  }

  onFact(fact: MediaFact): void {
    if (fact.kind === "transcriptAdded" && fact.final) {
      if (fact.speaker === "caller") {
        this.#heard = joined(this.#heard, fact.text);
      } else {
        this.#said = joined(this.#said, fact.text);
      }
    } else if (fact.kind === "toolCalled" && this.#tools.length < MAX_TOOLS) {
      this.#tools.push({ name: fact.name, atMs: fact.atMs });
    }
  }

  /** A TracesData document (OTLP/JSON); what was gathered is used up. */
  turn(turn: TurnTiming): unknown {
    const { random, parent, agent } = this.#options;
    const traceId = this.#traceId ?? random.hex(16);
    this.#traceId = undefined;
    const rootId = random.hex(8);
    const startMs = turn.turnEndedAtMs ?? turn.lastCallerVoiceAtMs ?? turn.firstModelAudioAtMs;
    const root = {
      traceId,
      spanId: rootId,
      ...(parent.spanId === undefined ? {} : { parentSpanId: parent.spanId }),
      name: `invoke_agent ${agent}`,
      kind: 2,
      ...times(startMs, turn.endedAtMs),
      attributes: attributes({
        "gen_ai.agent.name": agent,
        "gen_ai.operation.name": "invoke_agent",
        ...usageOf(turn),
      }),
      events: this.#messages(startMs, turn.endedAtMs),
      status: { code: 1 },
    };
    const child = { traceId, parentSpanId: rootId, kind: 3, status: { code: 1 } };
    const spans = [root, ...this.#children(turn, child, startMs)];
    this.#heard = "";
    this.#said = "";
    this.#tools = [];
    const resource = { attributes: attributes({ "service.name": "trunkline" }) };
    const scope = { name: "trunkline.a2a" };
    return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] };
  }

  #children(turn: TurnTiming, child: object, startMs: number): readonly unknown[] {
    const { random } = this.#options;
    const chat = {
      ...child,
      spanId: random.hex(8),
      name: `chat ${turn.model ?? "voice"}`,
      ...times(startMs, turn.endedAtMs),
      attributes: attributes({
        "gen_ai.operation.name": "chat",
        ...(turn.model === undefined ? {} : { "gen_ai.request.model": turn.model }),
      }),
    };
    const tools = this.#tools.map(({ name, atMs }) => ({
      ...child,
      spanId: random.hex(8),
      name: `execute_tool ${name}`,
      // A fact of its end does not exist: what a tool took is in the turn as a whole.
      ...times(atMs, Math.max(atMs, atMs + (turn.toolMs ?? 0))),
      attributes: attributes({ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name }),
    }));
    return [chat, ...tools];
  }

  #messages(startMs: number, endMs: number): readonly unknown[] {
    if (!this.#options.withText) {
      return [];
    }
    const message = (role: string, participant: string, content: string, atMs: number) => ({
      name: "aws.connect.span.message",
      timeUnixNano: nanos(atMs),
      attributes: attributes({
        "aws.connect.span.message.role": role,
        "aws.connect.span.message.type": "TEXT_MESSAGE",
        "aws.connect.span.message.participant": participant,
        "aws.connect.span.message.content": content,
      }),
    });
    return [
      ...(this.#heard === "" ? [] : [message("input", "user", this.#heard, startMs)]),
      ...(this.#said === "" ? [] : [message("output", "assistant", this.#said, endMs)]),
    ];
  }
}

function usageOf({ usage }: TurnTiming): Readonly<Record<string, number>> {
  return usage === undefined
    ? {}
    : {
        "gen_ai.usage.input_tokens":
          usage.inputTextTokens + usage.inputAudioTokens + usage.cachedTokens,
        "gen_ai.usage.output_tokens": usage.outputTextTokens + usage.outputAudioTokens,
      };
}

function attributes(values: Readonly<Record<string, string | number>>) {
  return Object.entries(values).map(([key, value]) => ({
    key,
    value: typeof value === "number" ? { intValue: String(value) } : { stringValue: value },
  }));
}

function times(startMs: number, endMs: number) {
  return { startTimeUnixNano: nanos(startMs), endTimeUnixNano: nanos(Math.max(startMs, endMs)) };
}

function nanos(ms: number): string {
  return String(BigInt(Math.round(ms * 1000)) * 1000n);
}

function joined(before: string, text: string): string {
  return `${before} ${text}`.trim().slice(-MAX_CHARACTERS);
}

/** Knowledge, a playbook, an advisor by script, and an assistant over a bus that a test reads. */
import { AdviceDesk } from "../../src/assist/advice-desk.ts";
import { KnowledgeIndex } from "../../src/assist/knowledge.ts";
import { KnowledgeDesk } from "../../src/assist/knowledge-desk.ts";
import { LocalChatAssistant } from "../../src/assist/local-chat-assistant.ts";
import { NoticeBoard } from "../../src/assist/notice-board.ts";
import { playbookSchema } from "../../src/assist/playbook.ts";
import { InProcessBus } from "../../src/bus/in-process-bus.ts";
import type { AdviceOutcome, AdviceRequest, Advisor } from "../../src/ports/advisor.ts";
import type { AssistEnvelope } from "../../src/ports/assist-events.ts";
import type {
  KnowledgeOutcome,
  KnowledgeRequest,
  KnowledgeSource,
} from "../../src/ports/knowledge.ts";
import { RecordingLogger, RecordingMetrics } from "./recording-metrics.ts";
import { FakeSns, TOPIC } from "./sns.ts";
import { VirtualClock } from "./virtual-clock.ts";

export const KNOWLEDGE = new KnowledgeIndex([
  {
    path: "opening-hours.md",
    text: "# Opening hours\n\nWe are open from Monday to Friday, 8 am to 8 pm. On Sunday we are closed.\n\n## Emergencies\n\nLost cards are blocked at any time: press 9.\n",
  },
  {
    path: "refunds.md",
    text: "# Refunds\n\nA refund is paid within five working days. Shipping is not refunded.\n\n## Faulty goods\n\n- Faulty goods are exchanged within two years.\n- Ask for a photo.\n",
  },
]);

export const PLAYBOOK = playbookSchema.parse({
  name: "Support",
  steps: [
    { id: "greet", title: "Greet", any: ["hello", "good morning"] },
    { id: "number", title: "Ask for the order number", any: ["order number"], required: true },
    { id: "close", title: "Ask for more", any: ["anything else"], required: true },
  ],
  suggestions: [
    { id: "refund", any: ["refund", "money back"], unless: ["already got"], text: "Offer it." },
  ],
  dispositions: [
    { name: "refund", any: ["refund", "money back"] },
    { name: "question", any: ["when", "how"] },
  ],
});

/** Answers as told; remembers what it was asked. */
export class ScriptedAdvisor implements Advisor {
  readonly kind = "openai";
  readonly asked: AdviceRequest[] = [];
  outcome: AdviceOutcome = { kind: "advised", text: "From the model.", sources: [] };

  async advise(request: AdviceRequest): Promise<AdviceOutcome> {
    this.asked.push(request);
    return this.outcome;
  }
}

/** Finds as told; remembers what it was asked. */
export class ScriptedKnowledge implements KnowledgeSource {
  readonly kind = "kendra";
  readonly asked: KnowledgeRequest[] = [];
  outcome: KnowledgeOutcome = {
    kind: "found",
    passages: [
      {
        title: "Pianos",
        uri: "https://kb.example.com/pianos",
        text: "Pianos are tuned on Mondays. A piano costs 900.",
      },
    ],
  };

  async retrieve(request: KnowledgeRequest): Promise<KnowledgeOutcome> {
    this.asked.push(request);
    return this.outcome;
  }
}

/** All parts. */
export function adviceLab({
  advisor,
  source,
  sns = new FakeSns(),
}: {
  readonly advisor?: Advisor;
  readonly source?: KnowledgeSource;
  readonly sns?: FakeSns;
} = {}) {
  const clock = new VirtualClock();
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const bus = new InProcessBus({ logger, maxQueued: 1000 });
  const heard: { readonly topic: string; readonly envelope: AssistEnvelope }[] = [];
  bus.subscribe("assist/*", (topic, message) => {
    heard.push({ topic, envelope: message as unknown as AssistEnvelope });
  });
  const notices = new NoticeBoard();
  const knowledge = new KnowledgeDesk({
    clock,
    logger,
    metrics,
    notices,
    folder: KNOWLEDGE,
    source,
    timeoutMs: 500,
    maxAsked: 2,
  });
  const desk = new AdviceDesk({
    clock,
    logger,
    metrics,
    notices,
    knowledge,
    advisor,
    timeoutMs: 1000,
  });
  const assistant = new LocalChatAssistant({
    clock,
    metrics,
    bus,
    desk,
    playbook: PLAYBOOK,
    corsOrigins: ["https://ccp.example.com"],
    rate: { perSecond: 1, burst: 3 },
    topics: [TOPIC],
    fetchText: sns.fetchText,
  });
  return { clock, logger, metrics, sns, bus, heard, notices, knowledge, desk, assistant };
}

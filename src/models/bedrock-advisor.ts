/** Advice by Converse of Amazon Bedrock: the answer is the arguments of a tool that the model has to call. */
import {
  type BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import type { AwsAccess } from "../core/aws-access.ts";
import { awsFailure } from "../core/aws-failure.ts";
import type { Clock } from "../core/clock.ts";
import type { AdviceOutcome, AdviceRequest, Advisor } from "../ports/advisor.ts";
import {
  ADVICE_INSTRUCTIONS,
  ADVICE_MAX_TOKENS,
  ADVICE_NAME,
  ADVICE_SCHEMA,
  advicePrompt,
  readAdvice,
  withinTime,
} from "./advice-prompt.ts";
import { GrowingAdvice } from "./growing-advice.ts";
import { createBedrockClient } from "./nova-bedrock.ts";

/** Which model is asked, and where. */
export interface BedrockAdvisorOptions {
  readonly clock: Clock;
  readonly address: AwsAccess;
  /** A model or an inference profile, for example `us.amazon.nova-lite-v1:0`. */
  readonly model: string;
}

const TEMPERATURE = 0.1;
/** Plain copies, as the client asks for. */
const INPUT_SCHEMA = JSON.parse(JSON.stringify(ADVICE_SCHEMA)) as {
  readonly type: "object";
};

/** See the port. */
export class BedrockAdvisor implements Advisor {
  readonly kind = "bedrock";
  readonly #options: BedrockAdvisorOptions;
  readonly #client: BedrockRuntimeClient;

  constructor(options: BedrockAdvisorOptions) {
    this.#options = options;
    this.#client = createBedrockClient(options.address);
  }

  async advise(request: AdviceRequest): Promise<AdviceOutcome> {
    return await withinTime(this.#options.clock, request, async (signal) => {
      try {
        return await this.#ask(request, signal);
      } catch (error) {
        return outcomeOf(error);
      }
    });
  }

  /** Connections are released; what is being asked fails. */
  close(): void {
    this.#client.destroy();
  }

  async #ask(request: AdviceRequest, signal: AbortSignal): Promise<AdviceOutcome> {
    const input = this.#inputOf(request);
    if (request.onPartial !== undefined) {
      return await this.#askGrowing(input, request, signal);
    }
    const command = new ConverseCommand(input);
    const { output } = await this.#client.send(command, { abortSignal: signal });
    const call = (output?.message?.content ?? []).find(
      ({ toolUse }) => toolUse?.name === ADVICE_NAME,
    );
    return readAdvice(call?.toolUse?.input, request);
  }

  /** The arguments of the tool come as pieces of JSON; the model has no other tool to call. */
  async #askGrowing(
    input: ConverseCommandInput,
    request: AdviceRequest,
    signal: AbortSignal,
  ): Promise<AdviceOutcome> {
    const command = new ConverseStreamCommand(input);
    const { stream } = await this.#client.send(command, { abortSignal: signal });
    const advice = new GrowingAdvice(request);
    let isWhole = false;
    for await (const { contentBlockDelta, messageStop } of stream ?? []) {
      const piece = contentBlockDelta?.delta?.toolUse?.input;
      if (piece !== undefined && !advice.push(piece)) {
        return { kind: "failed", failure: "tooBig" };
      }
      isWhole ||= messageStop !== undefined;
    }
    return isWhole ? advice.finish() : { kind: "failed", failure: "unreachable" };
  }

  #inputOf(request: AdviceRequest): ConverseCommandInput {
    return {
      modelId: this.#options.model,
      system: [{ text: ADVICE_INSTRUCTIONS }],
      messages: [{ role: "user", content: [{ text: advicePrompt(request) }] }],
      inferenceConfig: { maxTokens: ADVICE_MAX_TOKENS, temperature: TEMPERATURE },
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: ADVICE_NAME,
              description: "Hands the suggested answer to the agent.",
              inputSchema: { json: INPUT_SCHEMA },
            },
          },
        ],
        toolChoice: { tool: { name: ADVICE_NAME } },
      },
    };
  }
}

function outcomeOf(error: unknown): AdviceOutcome {
  return { kind: "failed", failure: awsFailure(error) };
}

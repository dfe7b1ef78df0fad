/** A model over chat completions that answers at once, as a stream, with the last words of the question. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One question and its answer; by `performance.now()`. */
export interface QuickAnswer {
  readonly question: string;
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** A running one. Whoever starts it closes it. */
export interface QuickAdvisor {
  readonly port: number;
  readonly answers: readonly QuickAnswer[];
  /** Breaks all connections. */
  close(): Promise<void>;
}

/** What it answers. */
export function quickAnswerTo(question: string): string {
  return `Advice on ${question}.`;
}

/** @param port 0: any free one. */
export async function startQuickAdvisor(port = 0): Promise<QuickAdvisor> {
  const answers: QuickAnswer[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(Buffer.concat(chunks), response));
  });
  const answer = (body: Buffer, response: ServerResponse<IncomingMessage>): void => {
    const askedMs = performance.now();
    const { messages } = JSON.parse(body.toString("utf8")) as {
      readonly messages: readonly { readonly content: string }[];
    };
    const question =
      /<message>\s*(.*?)\s*<\/message>/s.exec(messages.at(-1)?.content ?? "")?.[1] ?? "";
    const content = JSON.stringify({ answer: quickAnswerTo(question), sources: [] });
    response.setHeader("content-type", "text/event-stream");
    response.end(
      `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\ndata: [DONE]\n\n`,
    );
    answers.push({ question, askedMs, answeredMs: performance.now() });
  };
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An agent's page on a real WebSocket. */
import { WebSocket } from "ws";
import { eventually } from "./waiting.ts";

/** What a page was told. */
export interface PageMessage {
  readonly type: string;
  readonly eventId?: number;
  readonly callId?: string;
  readonly event?: { readonly kind: string; readonly ok?: boolean };
  readonly [field: string]: unknown;
}

/** How it connects. */
export interface PageOptions {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

/** Connected, or refused with an HTTP status. */
export class AssistPage {
  readonly messages: PageMessage[] = [];
  readonly socket: WebSocket;
  closeCode: number | undefined;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      this.messages.push(JSON.parse(data.toString()) as PageMessage);
    });
    socket.on("close", (code) => {
      this.closeCode = code;
    });
  }

  /** Resolves with the page, or with the status of the refusal. */
  static connect(base: string, options: PageOptions = {}): Promise<AssistPage | number> {
    const { token, headers = {}, path = "/assist" } = options;
    const query = token === undefined ? "" : `?token=${token}`;
    const socket = new WebSocket(`${base.replace("http", "ws")}${path}${query}`, { headers });
    const page = new AssistPage(socket);
    return new Promise((resolve, reject) => {
      socket.on("open", () => resolve(page));
      socket.on("unexpected-response", (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.on("error", reject);
    });
  }

  static async open(base: string, options?: PageOptions): Promise<AssistPage> {
    const page = await AssistPage.connect(base, options);
    if (typeof page === "number") {
      throw new Error(`refused with ${page}`);
    }
    return page;
  }

  get eventIds(): number[] {
    return this.messages.flatMap(({ type, eventId }) =>
      type === "event" && eventId !== undefined ? [eventId] : [],
    );
  }

  /** `ok` of the notices that came. */
  get notices(): (boolean | undefined)[] {
    return this.messages.flatMap(({ type, event }) => (type === "notice" ? [event?.ok] : []));
  }

  ask(message: object): void {
    this.socket.send(JSON.stringify(message));
  }

  /** Resolves when it is subscribed. */
  async subscribe(subject: object): Promise<void> {
    const before = this.messages.length;
    this.ask({ action: "subscribe", ...subject });
    await eventually("an answer to subscribe", () => this.messages.length > before);
  }

  async heard(eventIds: readonly number[], timeoutMs = 5000): Promise<void> {
    const wanted = eventIds.join();
    await eventually(`events ${wanted}`, () => this.eventIds.join() === wanted, timeoutMs).catch(
      (error: unknown) => {
        throw new Error(`${String(error)}; heard ${this.eventIds.join()}`);
      },
    );
  }
}

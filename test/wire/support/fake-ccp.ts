/** A contact control panel of nobody's, on an origin of its own: says to the library what a test wants said. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Frame, Page } from "playwright-core";
import { eventually } from "./waiting.ts";

const INSTANCE =
  "arn:aws:connect:us-east-1:123456789012:instance/0f0d1b9e-5a7d-4b0c-9f57-1d2c3b4a5f60";

/** A contact of the snapshot, as far as a test cares. */
export interface FakeContact {
  readonly contactId: string;
  readonly state: string;
  readonly type?: string;
  readonly initialContactId?: string;
  readonly queue?: string;
  readonly number?: string;
  readonly isOnHold?: boolean;
  readonly attributes?: Readonly<Record<string, string>> | null;
}

/** In the frame: acknowledges, answers what the library asks, and sends on what it broadcasts, as a panel does. */
const PAGE = `<!doctype html><meta charset="utf-8"><title>Fake panel</title>
<body style="font:16px sans-serif;background:#fff;color:#222;padding:1rem"><p>Fake contact control panel</p><ul></ul>
<script>
const post = (event, data) => parent.postMessage({ event, data }, "*");
window.asked = [];
window.say = post;
window.failing = [];
addEventListener("message", ({ data: { event, data } }) => {
  if (event === "synchronize") post("acknowledge", { id: "fake" });
  if (event === "broadcast") post(data.event, data.data);
  if (event === "api_request") {
    window.asked.push(data.method);
    const err = window.failing.includes(data.method) ? { type: "badEndpoint", message: "no" } : null;
    post("api_response", { event: "api_response", requestId: data.requestId, err, data: {} });
  }
});
if (SPEAKS) post("acknowledge", { id: "fake" });
</script>`;

/** Whoever starts it closes it. */
export class FakeCcp {
  /** Whether it acknowledges: somebody is logged in, and the page around it may show it. */
  speaks = true;
  readonly #server: Server;
  #contacts: readonly FakeContact[] = [];
  #agent = { name: "Init", type: "init" };

  private constructor() {
    this.#server = createServer((request, response) => {
      response.setHeader("content-type", "text/html; charset=utf-8");
      if (!(request.url ?? "").startsWith("/ccp-v2")) {
        response.writeHead(404).end();
        return;
      }
      const isPopup = request.headers["sec-fetch-dest"] === "document";
      // In a window of its own it is the log-in.
      this.speaks ||= isPopup;
      response.end(isPopup ? "<title>Log in</title>Logged in" : this.#page());
    });
  }

  static async start(): Promise<FakeCcp> {
    const ccp = new FakeCcp();
    await new Promise<void>((resolve) => ccp.#server.listen(0, "127.0.0.1", resolve));
    return ccp;
  }

  /** Nobody has a contact, and it acknowledges. */
  begin(): void {
    this.speaks = true;
    this.#contacts = [];
    this.#agent = { name: "Init", type: "init" };
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/ccp-v2`;
  }

  close(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }

  /** As soon as the page shows it. */
  async frameOf(page: Page): Promise<Frame> {
    return eventually("the frame of the panel", () =>
      page.frames().find((frame) => frame.url() === this.url),
    );
  }

  /** A new snapshot with another state of the agent. */
  async agent(page: Page, name: string, type: string): Promise<void> {
    this.#agent = { name, type };
    await this.#push(page);
  }

  /** A new snapshot with these contacts. */
  async contacts(page: Page, contacts: readonly FakeContact[]): Promise<void> {
    this.#contacts = contacts;
    await this.#push(page);
  }

  /** An event of the panel. */
  async say(page: Page, event: string, data: object = {}): Promise<void> {
    const frame = await this.frameOf(page);
    await frame.evaluate(`window.say(${JSON.stringify(event)}, ${JSON.stringify(data)})`);
  }

  /** Methods that the library asked for. */
  async asked(page: Page): Promise<readonly string[]> {
    return (await this.frameOf(page)).evaluate<string[]>("window.asked");
  }

  #page(): string {
    return PAGE.replace("SPEAKS", String(this.speaks)).replace(
      'if (event === "synchronize")',
      `if (${this.speaks} && event === "synchronize")`,
    );
  }

  #push(page: Page): Promise<void> {
    return this.say(page, "agent::update", {
      configuration: {
        name: "Pat Agent",
        username: "pat",
        softphoneEnabled: true,
        agentStates: [],
        routingProfile: {
          routingProfileId: `${INSTANCE}/routing-profile/1`,
          queues: [{ queueARN: `${INSTANCE}/queue/agent/7`, queueId: `${INSTANCE}/queue/agent/7` }],
        },
      },
      snapshot: {
        snapshotTimestamp: new Date(),
        state: { ...this.#agent, startTimestamp: new Date() },
        contacts: this.#contacts.map(snapshotOf),
      },
    });
  }
}

function snapshotOf(contact: FakeContact) {
  const { contactId, state, type = "voice", number = "+15550100", isOnHold = false } = contact;
  const attributes = contact.attributes === undefined ? {} : contact.attributes;
  const isLive = state === "connected";
  const customer = isOnHold ? "hold" : isLive ? "connected" : "connecting";
  return {
    contactId,
    initialContactId: contact.initialContactId ?? contactId,
    type,
    isInbound: true,
    initiationMethod: "INBOUND",
    queue: { name: contact.queue ?? "Support", queueARN: `${INSTANCE}/queue/1` },
    state: { type: state, timestamp: new Date() },
    attributes:
      attributes === null
        ? null
        : Object.fromEntries(
            Object.entries(attributes).map(([name, value]) => [name, { name, value }]),
          ),
    connections: [
      {
        connectionId: `${contactId}-agent`,
        initial: false,
        type: "agent",
        state: { type: isLive ? "connected" : "connecting", timestamp: new Date() },
        endpoint: { endpointARN: null, phoneNumber: null, type: "phone_number" },
        chatMediaInfo: {},
      },
      {
        connectionId: `${contactId}-customer`,
        initial: true,
        type: "inbound",
        state: { type: customer, timestamp: new Date() },
        endpoint: { endpointARN: null, phoneNumber: number, type: "phone_number" },
        chatMediaInfo: {},
      },
    ],
  };
}

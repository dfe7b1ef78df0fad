/** Contacts and numbers of an instance of Amazon Connect, by hand: call, look, stop, list; refusals in words that help. */
import {
  type Contact,
  DescribeContactCommand,
  GetContactAttributesCommand,
  ListContactFlowsCommand,
  type ListPhoneNumbersSummary,
  ListPhoneNumbersV2Command,
  ListQueuesCommand,
  StartOutboundVoiceContactCommand,
  StopContactCommand,
} from "@aws-sdk/client-connect";
import type { AwsAccess } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import { connectClient } from "./connect-account.ts";
import { PacedCalls } from "./paced-calls.ts";
import { allPages } from "./paced-lists.ts";

/** Which instance, and how it is asked. */
export interface ConnectOperationsOptions {
  readonly access: AwsAccess;
  readonly instanceId: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** A call that Amazon Connect is to place. */
export interface ConnectCallOrder {
  readonly number: string;
  /** Name, id or ARN of a contact flow. */
  readonly flow: string;
  /** Name or id; its caller id is shown. */
  readonly queue: string | undefined;
  /** Shown in its place. */
  readonly source: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly ringSeconds: number | undefined;
}

/** What a contact is now. */
export interface ContactView {
  readonly contact: Contact;
  /** Asked for only where they are wanted. */
  readonly attributes: Readonly<Record<string, string>> | undefined;
}

/** StopContact refuses contacts that began so: they end with the contact that they came from. */
const NEVER_STOPPED = ["DISCONNECT", "TRANSFER", "QUEUE_TRANSFER", "EXTERNAL_OUTBOUND", "MONITOR"];
const ID = /^(?:arn:.*\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const SPACING_MS = 500;

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE from every method. */
export class ConnectOperations {
  readonly #options: ConnectOperationsOptions;
  readonly #client;
  readonly #calls: PacedCalls;

  constructor(options: ConnectOperationsOptions) {
    const { access, clock, random } = options;
    this.#options = options;
    this.#client = connectClient(access);
    this.#calls = new PacedCalls({ clock, random, spacingMs: SPACING_MS, secrets: [] });
  }

  /** The id of the new contact; a repetition after a lost answer does not call twice. */
  async call(order: ConnectCallOrder): Promise<string> {
    const { instanceId: InstanceId, random } = this.#options;
    const { number, source, attributes, ringSeconds, queue } = order;
    const input = {
      InstanceId,
      ContactFlowId: await this.#flowId(order.flow),
      DestinationPhoneNumber: number,
      Attributes: { ...attributes },
      ClientToken: random.uuid(),
      ...(queue === undefined ? {} : { QueueId: await this.#queueId(queue) }),
      ...(source === undefined ? {} : { SourcePhoneNumber: source }),
      ...(ringSeconds === undefined ? {} : { RingTimeoutInSeconds: ringSeconds }),
    };
    try {
      const { ContactId = "" } = await this.#calls.call("StartOutboundVoiceContact", () =>
        this.#client.send(new StartOutboundVoiceContactCommand(input)),
      );
      return ContactId;
    } catch (error) {
      throw withoutCallerId(error, order) ?? error;
    }
  }

  async describe(contactId: string, wantsAttributes: boolean): Promise<ContactView> {
    const { instanceId: InstanceId } = this.#options;
    const { Contact: contact = {} } = await this.#calls.call("DescribeContact", () =>
      this.#client.send(new DescribeContactCommand({ InstanceId, ContactId: contactId })),
    );
    if (!wantsAttributes) {
      return { contact, attributes: undefined };
    }
    const InitialContactId = contact.InitialContactId ?? contactId;
    const { Attributes: attributes = {} } = await this.#calls.call("GetContactAttributes", () =>
      this.#client.send(new GetContactAttributesCommand({ InstanceId, InitialContactId })),
    );
    return { contact, attributes };
  }

  /** Looks first: what cannot be stopped is said in words, and not tried. */
  async stop(contactId: string): Promise<"stopped" | "alreadyOver"> {
    const { instanceId: InstanceId } = this.#options;
    const { contact } = await this.describe(contactId, false);
    if (contact.DisconnectTimestamp !== undefined) {
      return "alreadyOver";
    }
    const method = contact.InitiationMethod ?? "";
    if (NEVER_STOPPED.includes(method)) {
      const before = contact.PreviousContactId ?? contact.InitialContactId;
      const hint = before === undefined ? "" : `; stop the one it came from, ${before}`;
      const reason = `it began by ${method}, and StopContact does not end such contacts${hint}`;
      throw new GatewayError("PROVISION_REFUSED", { operation: "StopContact", reason });
    }
    await this.#calls.call("StopContact", () =>
      this.#client.send(new StopContactCommand({ InstanceId, ContactId: contactId })),
    );
    return "stopped";
  }

  async numbers(): Promise<readonly ListPhoneNumbersSummary[]> {
    const { instanceId: InstanceId } = this.#options;
    return await allPages(async (token) => {
      const input = { InstanceId, MaxResults: 100, ...token };
      const page = await this.#calls.call("ListPhoneNumbersV2", () =>
        this.#client.send(new ListPhoneNumbersV2Command(input)),
      );
      return { items: page.ListPhoneNumbersSummaryList, next: page.NextToken };
    });
  }

  async #flowId(wanted: string): Promise<string> {
    const { instanceId: InstanceId } = this.#options;
    const flows = await allPages(async (token) => {
      const input = { InstanceId, ContactFlowTypes: ["CONTACT_FLOW" as const], ...token };
      const page = await this.#calls.call("ListContactFlows", () =>
        this.#client.send(new ListContactFlowsCommand(input)),
      );
      return { items: page.ContactFlowSummaryList, next: page.NextToken };
    });
    return idOf("contact flow", wanted, flows);
  }

  async #queueId(wanted: string): Promise<string> {
    const { instanceId: InstanceId } = this.#options;
    const queues = await allPages(async (token) => {
      const input = { InstanceId, QueueTypes: ["STANDARD" as const], ...token };
      const page = await this.#calls.call("ListQueues", () =>
        this.#client.send(new ListQueuesCommand(input)),
      );
      return { items: page.QueueSummaryList, next: page.NextToken };
    });
    return idOf("queue", wanted, queues);
  }
}

interface Named {
  readonly Id?: string | undefined;
  readonly Name?: string | undefined;
}

function idOf(what: string, wanted: string, all: readonly Named[]): string {
  const id = ID.exec(wanted)?.[1] ?? all.find(({ Name }) => Name === wanted)?.Id;
  if (id === undefined) {
    const names = all.map(({ Name }) => Name).join(", ");
    const reason = `the instance has no ${what} "${wanted}"; it has: ${names}`;
    throw new GatewayError("PROVISION_REFUSED", { operation: "look-up", reason });
  }
  return id;
}

/** What the service calls "Invalid outbound configuration" has one cause and one remedy. */
function withoutCallerId(error: unknown, { queue }: ConnectCallOrder): GatewayError | undefined {
  const reason = error instanceof GatewayError ? String(error.details["reason"]) : "";
  if (codeOf(error) !== "PROVISION_REFUSED" || !/outbound configuration/i.test(reason)) {
    return undefined;
  }
  const whose =
    queue === undefined ? "no queue was named" : `the queue "${queue}" has no outbound caller id`;
  const remedy =
    "give it one (queues.NAME.outbound in connect.yaml, then trunkline flows publish), or call with --source NUMBER";
  const words = `Invalid outbound configuration: ${whose}; ${remedy}`;
  return new GatewayError(
    "PROVISION_REFUSED",
    { operation: "StartOutboundVoiceContact", reason: words },
    { cause: error },
  );
}

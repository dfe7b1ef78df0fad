/** The application as the SIP core sees it: something to deliver messages to and to answer. */
import type { CallRecord } from "./call-records.ts";
import type { Hop } from "./transport.ts";

/** What goes with a message delivered to the application. */
export interface DeliveryMeta {
  /** `application` only for requests the server made by itself. */
  readonly source: "network" | "application";
  /** Where the message came from; undefined for one that the server fabricated. */
  readonly hop: Hop | undefined;
  readonly transactionId: string;
  /** Empty outside dialogs. */
  readonly dialogId: string;
  /** Only for requests outside dialogs: our address and port as the peer saw them. */
  readonly receivedOn?: { readonly host: string; readonly port: number };
}

/** The server's answer to a command of the application. */
export type CommandOutcome =
  | {
      readonly ok: true;
      /** The message as really sent. */
      readonly bytes: Buffer;
      readonly kind: "request" | "response";
      readonly hop: Hop | undefined;
      readonly transactionId: string;
      readonly dialogId: string;
    }
  | { readonly ok: false; readonly reason: string };

/** One authenticated link of an application. No method throws; on a lost link they do nothing. */
export interface AppClient {
  readonly connected: boolean;
  deliver(meta: DeliveryMeta, bytes: Buffer): void;
  reply(messageId: string, outcome: CommandOutcome): void;
  /** Passes a call record on, with the message that caused it. */
  announce(record: CallRecord, bytes: Buffer): void;
  /** Answers a command that carries no SIP message. */
  acknowledge(messageId: string, ...fields: readonly string[]): void;
  /** Tells of a response to a request that is passed on; the command stays open. `hop` is undefined for one made here. */
  report(messageId: string, hop: Hop | undefined, bytes: Buffer): void;
}

/** Which application takes which requests. */
export interface AppRouter {
  /** The next application in turn that asked for `method`, or for call records of that type. */
  pick(method: string): AppClient | undefined;
  /** Methods that some application asked for, in upper case. */
  readonly methods: readonly string[];
}

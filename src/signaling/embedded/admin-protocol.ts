/** The messages inside the frames of the application link: commands in, answers and SIP messages out. */
import type { CommandOutcome, DeliveryMeta } from "./app-client.ts";
import type { CallRecord } from "./call-records.ts";
import type { Hop } from "./transport.ts";

/** A command of the application; `message` is the SIP message that came with it. */
export interface AdminCommand {
  readonly id: string;
  readonly type: string;
  /** The fields after the type. */
  readonly fields: readonly string[];
  readonly message: Buffer | undefined;
}

/** Splits a frame; undefined when it has no type. */
export function decodeCommand(frame: Buffer): AdminCommand | undefined {
  const lineEnd = frame.indexOf("\r\n");
  const leader = frame.toString("latin1", 0, lineEnd === -1 ? frame.length : lineEnd);
  const [id, type, ...fields] = leader.split("|");
  if (id === undefined || type === undefined || type === "") {
    return undefined;
  }
  return { id, type, fields, message: lineEnd === -1 ? undefined : frame.subarray(lineEnd + 2) };
}

/** `HH:MM:SS.µµµµµµ` in UTC. */
export function formatTime(wallMs: number): string {
  const time = new Date(wallMs).toISOString().slice(11, 19);
  const micros = Math.floor((wallMs % 1000) * 1000);
  return `${time}.${String(micros).padStart(6, "0")}`;
}

/** What the link itself adds to every message. */
export interface LeaderContext {
  /** A fresh id of the server's. */
  readonly id: string;
  readonly wallMs: number;
}

/** The first line for a SIP message to the application. */
export function deliveryLeader(context: LeaderContext, meta: DeliveryMeta, bytes: number): string {
  const { hop, receivedOn } = meta;
  const where =
    hop === undefined ? "||" : `${hop.transport.protocol}|${hop.host}|${String(hop.port)}`;
  const received = receivedOn === undefined ? "" : `${receivedOn.host}|${receivedOn.port}|`;
  const time = formatTime(context.wallMs);
  const ids = `${meta.transactionId}|${meta.dialogId}`;
  return `${context.id}|sip|${meta.source}|${bytes}|${where}|${time}|${ids}|${received}`;
}

/** The first line of a call record. */
export function recordLeader(context: LeaderContext, record: CallRecord): string {
  const { type, source, detail } = record;
  const fields = [context.id, type, source, formatTime(context.wallMs)];
  return [...fields, ...(detail === undefined ? [] : [detail])].join("|");
}

/** The first line of the answer to a `sip` command. */
export function outcomeLeader(
  context: LeaderContext,
  messageId: string,
  outcome: CommandOutcome,
): string {
  const start = `${context.id}|response|${messageId}`;
  if (!outcome.ok) {
    return `${start}|NOK|${outcome.reason.replaceAll(/[|\r\n]/g, " ")}`;
  }
  const { bytes, hop, transactionId, dialogId, kind } = outcome;
  const where =
    hop === undefined ? "||" : `${hop.transport.protocol}|${hop.host}|${String(hop.port)}`;
  const time = formatTime(context.wallMs);
  const dialog = kind === "response" ? `|${dialogId}|` : "";
  return `${start}|OK|application|${bytes.length}|${where}|${time}|${transactionId}${dialog}|Msg sent:|`;
}

/** The first line of an answer to a `proxy` command that more answers follow. */
export function progressLeader(
  context: LeaderContext,
  messageId: string,
  hop: Hop | undefined,
  bytes: number,
): string {
  const where =
    hop === undefined ? "||" : `${hop.transport.protocol}|${hop.host}|${String(hop.port)}`;
  const time = formatTime(context.wallMs);
  return `${context.id}|response|${messageId}|OK|network|${bytes}|${where}|${time}|||continue`;
}

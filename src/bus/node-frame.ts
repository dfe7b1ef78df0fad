/** A message of the bus on its way between nodes. */
import type { BusMessage } from "../ports/bus.ts";

/** A message, and where it comes from. */
export interface NodeFrame {
  readonly node: string;
  /** Rises by one with each message of the node. */
  readonly serial: number;
  readonly topic: string;
  readonly message: BusMessage;
}

/** The frame as text. */
export function writeFrame(frame: NodeFrame): string {
  return JSON.stringify(frame);
}

/** `undefined`: it is none; anybody may write to the channel. */
export function readFrame(text: string): NodeFrame | undefined {
  try {
    const { node, serial, topic, message } = JSON.parse(text) as Partial<
      Record<keyof NodeFrame, unknown>
    >;
    return typeof node === "string" &&
      typeof serial === "number" &&
      typeof topic === "string" &&
      typeof message === "object" &&
      message !== null
      ? { node, serial, topic, message: message as BusMessage }
      : undefined;
  } catch {
    return undefined;
  }
}

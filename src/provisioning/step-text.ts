/** Steps of publishing, for people. */
import type { ConnectStep } from "./connect-plan.ts";

/** What a step does, in a few words; numbers by their last two digits. */
export function stepText(step: ConnectStep): string {
  switch (step.kind) {
    case "associateConnector":
      return `integrate the transfer connector ${step.arn.split("/").at(-1) ?? ""}`;
    case "allowLambda":
      return `allow the function ${step.arn.split(":function:").at(-1) ?? ""}`;
    case "storeStreams":
      return "store live audio in Kinesis Video Streams";
    case "approveOrigin":
      return `approve the origin ${step.origin}`;
    case "createFlow":
      return `create contact flow "${step.flow.name}" (${step.flow.type})`;
    case "publishFlow":
      return `publish contact flow "${step.flow.name}" from ${step.flow.file}`;
    case "setCallerId":
      return `set the outbound caller id of queue "${step.queue}"`;
    case "attachNumber":
      return `lead the number ending in ${step.number.slice(-2)} to flow ${step.flow}`;
  }
}

/** `trunkline calls`: the calls of a running gateway, over its HTTP API. */
import { z } from "zod";
import type { CommandContext, ExitCode } from "./context.ts";
import { type ApiAddress, askGateway } from "./gateway-api.ts";
import { table } from "./output.ts";

/** Which gateway, and how its answer is printed. */
export interface CallsOptions extends ApiAddress {
  readonly json: boolean;
}

const callSchema = z.object({
  callId: z.string(),
  state: z.string(),
  flow: z.string(),
  model: z.string().nullish(),
  start: z.iso.datetime(),
  phoneNumber: z.string(),
  calledNumber: z.string(),
});
const listSchema = z.union([
  z.array(callSchema),
  z.object({ calls: z.array(callSchema) }).transform(({ calls }) => calls),
]);

/** Lists the calls in progress, one a line. */
export async function listCalls(options: CallsOptions, context: CommandContext): Promise<ExitCode> {
  const body = await askGateway(options, context, { method: "GET", path: "/calls" });
  if (options.json) {
    context.output.json(body);
    return 0;
  }
  const calls = listSchema.safeParse(body);
  if (!calls.success) {
    throw new Error("the gateway's answer is not a list of calls; is it of another version?");
  }
  if (calls.data.length === 0) {
    context.output.note("no calls");
    return 0;
  }
  const nowMs = context.clock.wallMs();
  const rows = calls.data.map((call) => [
    call.callId,
    call.state,
    `${Math.max(0, Math.round((nowMs - Date.parse(call.start)) / 1000))} s`,
    `${call.phoneNumber || "-"} -> ${call.calledNumber || "-"}`,
    `${call.flow}${call.model === undefined || call.model === null ? "" : `/${call.model}`}`,
  ]);
  const header = ["CALL", "STATE", "SINCE", "FROM -> TO", "FLOW/MODEL"];
  table([header, ...rows]).forEach((line) => {
    context.output.data(line);
  });
  return 0;
}

/** Prints everything the API says of one call, as JSON. */
export async function showCall(
  id: string,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const path = `/calls/${encodeURIComponent(id)}`;
  context.output.json(await askGateway(options, context, { method: "GET", path }));
  return 0;
}

/** Ends one call. */
export async function hangUpCall(
  id: string,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const path = `/calls/${encodeURIComponent(id)}`;
  const body = await askGateway(options, context, { method: "DELETE", path });
  if (options.json) {
    context.output.json(body ?? { callId: id });
  } else {
    context.output.note(`call ${id} is hung up`);
  }
  return 0;
}

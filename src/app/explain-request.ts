/** Says what becomes of a pasted SIP request: which decider answers what, and who takes the call. */

import { DEFAULT_EARS, type Flow, modelsOf } from "../call/flow.ts";
import { partiesOf } from "../call/inbound-parties.ts";
import type { Trunk } from "../call/trunk.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { silentLogger } from "../core/logger.ts";
import { noMetrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { SipSource } from "../ports/signaling-server.ts";
import { checkOffer } from "../sdp/offer-answer.ts";
import type { OfferBounds } from "../sdp/stream-choice.ts";
import { fieldsOf, headerKey, type SipRequest } from "../signaling/embedded/message.ts";
import { isRecordingBody, userOf } from "../signaling/sip-values.ts";
import { readBody } from "../siprec/multipart.ts";
import { readOptionTags } from "../siprec/option-tags.ts";
import { composeAdmission } from "./compose-admission.ts";
import type { Config } from "./config.ts";
import type { CallScripts } from "./load-flows.ts";
import { type PastedRequest, readPasted } from "./pasted-request.ts";

/** What the explanation is made from. */
export interface ExplainOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly config: Config;
  readonly scripts: CallScripts;
  /** Address of the sender, with a port or not; absent: as the text says. */
  readonly from: string | undefined;
}

/** One decider's word. */
export interface ExplainedDecision {
  readonly decider: string;
  readonly decision: "pass" | "refuse" | "challenge" | "drop";
  readonly why: string;
}

/** The whole of it; plain data. */
export interface RequestExplanation {
  readonly method: string;
  readonly source: SipSource;
  readonly sourceFrom: PastedRequest["sourceFrom"];
  /** In their order, up to the one that decides. */
  readonly decisions: readonly ExplainedDecision[];
  readonly admitted: boolean;
  /** Status and phrase of our answer; `null`: none, or the call's own. */
  readonly answer: string | null;
  readonly trunk: string | null;
  /** What takes the call; `null`: nothing, or it is none. */
  readonly call: ExplainedCall | null;
}

/** Who takes an admitted call. */
export interface ExplainedCall {
  readonly callingNumber: string;
  readonly calledNumber: string;
  /** The place of the route in its file, from 1; `null`: the name that was dialled decides. */
  readonly route: number | null;
  readonly flow: string;
  readonly model: string | null;
  /** What is said to its SDP. */
  readonly offer: string;
}

/** `undefined`: there is no SIP request in the text. */
export function explainRequest(
  text: string,
  options: ExplainOptions,
): RequestExplanation | undefined {
  const pasted = readPasted(text, options.from);
  if (pasted === undefined) {
    return undefined;
  }
  const { request, source, sourceFrom, fault } = pasted;
  const { method } = request;
  const head = { method, source, sourceFrom };
  if (fault !== undefined) {
    const answer = `${fault.status} ${fault.reason}, before anybody is asked`;
    return { ...head, decisions: [], admitted: false, answer, trunk: null, call: null };
  }
  const { clock, random, config, scripts } = options;
  const { trunks } = scripts;
  const parts = { clock, random, trunks, logger: silentLogger, metrics: noMetrics };
  const admission = composeAdmission(config, parts);
  const header = headersOf(request);
  const { trunk, decisions, answer } = admission.explain({
    method,
    uri: request.uri,
    source,
    header,
  });
  const admitted = answer.kind === "admit";
  return {
    ...head,
    decisions: decisions.map(({ decider, decision: { kind, why } }) => ({
      decider,
      decision: kind,
      why,
    })),
    admitted,
    answer: answer.kind === "refuse" ? `${answer.status} ${answer.reason}` : null,
    trunk: trunk?.name ?? null,
    call: admitted && method === "INVITE" ? callOf(request, trunk, options) : null,
  };
}

function callOf(
  request: SipRequest,
  trunk: Trunk | undefined,
  { config, scripts: { routes, flows } }: ExplainOptions,
): ExplainedCall {
  const header = headersOf(request);
  const { callingNumber, calledNumber } = partiesOf(
    {
      header,
      uri: request.uri,
      calledUser: userOf(request.uri),
      callingUser: userOf(header("From") ?? ""),
      assertedUser: userOf(header("P-Asserted-Identity") ?? ""),
    },
    trunk,
  );
  const question = {
    calledUser: calledNumber,
    callingUser: callingNumber,
    trunk: trunk?.name,
    header,
    isRecording: isRecordingRequest(request, header),
  };
  const place = routes.placeOf(question);
  const numbers = { callingNumber, calledNumber, route: place === undefined ? null : place + 1 };
  const policy = trunk?.srtp ?? config.media.srtp;
  const offer = offerText(request, { laws: trunk?.codecs, policy });
  try {
    const decision = routes.resolve(question);
    if (decision.kind === "echo") {
      return { ...numbers, flow: "echo", model: null, offer };
    }
    const flow = flows.get(decision.flow);
    const model = decision.model ?? (flow === undefined ? undefined : firstModelOf(flow)) ?? null;
    return { ...numbers, flow: decision.flow, model, offer };
  } catch (error) {
    return { ...numbers, flow: refusalText(error), model: null, offer };
  }
}

function firstModelOf(flow: Flow): string | undefined {
  return flow.mode === "assist" ? (flow.ears?.model ?? DEFAULT_EARS) : modelsOf(flow)[0];
}

function offerText(request: SipRequest, bounds: OfferBounds): string {
  if (request.body.length === 0) {
    return "none: the gateway offers";
  }
  try {
    const body = request.body.toString("utf8");
    const parts = readBody(headersOf(request)("Content-Type"), request.body).parts;
    const sdp = parts.find(({ type }) => type === "application/sdp");
    checkOffer(sdp === undefined ? body : Buffer.from(sdp.bytes).toString("utf8"), bounds);
    return "can be taken";
  } catch (error) {
    return refusalText(error);
  }
}

/** By the type of its body, or by what its headers say. */
function isRecordingRequest(
  { body }: SipRequest,
  header: (name: string) => string | undefined,
): boolean {
  return (
    readOptionTags([header("Require") ?? ""]).tags.includes("siprec") ||
    /;\s*\+sip\.src\b/i.test(header("Contact") ?? "") ||
    (body.length > 0 && isRecordingBody(header("Content-Type")))
  );
}

function refusalText(error: unknown): string {
  if (!(error instanceof GatewayError)) {
    throw error;
  }
  return `${error.sipStatus} (${error.code}: ${error.message})`;
}

function headersOf(request: SipRequest): (name: string) => string | undefined {
  return (name) => {
    const values = fieldsOf(request, headerKey(name)).map(({ value }) => value);
    return values.length === 0 ? undefined : values.join(", ");
  };
}

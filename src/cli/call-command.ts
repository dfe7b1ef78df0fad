/** `trunkline call`: a real SIP call from a built-in user agent, with a script, a recording and a report. */
import { writeFile } from "node:fs/promises";
import { startUserAgent, type UserAgent, userAgentLegId } from "../app/user-agent.ts";
import { after, type Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { Anchor } from "../ports/media-anchor.ts";
import type { SipDialog } from "../ports/signaling-server.ts";
import { LocalSession } from "../sdp/local-session.ts";
import type { NegotiatedStream } from "../sdp/offer-answer.ts";
import { SrtpKeyring } from "../sdp/srtp-keyring.ts";
import { readSpeech } from "./call-audio.ts";
import { CallLeg } from "./call-leg.ts";
import { CallRecorder } from "./call-recorder.ts";
import type { CallReport } from "./call-report.ts";
import { hostOfSipUri } from "./call-uri.ts";

/** What the command line asks for. */
export interface CallRequest {
  readonly uri: string;
  /** A WAV that is spoken after the greeting. */
  readonly say?: string | undefined;
  /** Where the stereo WAV is written. */
  readonly record?: string | undefined;
  /** Stay this long after the answer. */
  readonly seconds?: number | undefined;
  /** Keys to press; a comma waits a second. */
  readonly dtmf?: string | undefined;
  /** Authorities for TLS beside the public ones. */
  readonly ca?: string | undefined;
  /** Over TLS, the peer need not prove its name. */
  readonly insecure?: boolean | undefined;
  /** Encrypted audio, or no call. */
  readonly srtp?: boolean | undefined;
}

/** What the call runs on. */
export interface CallContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborts when the person at the terminal gives up. */
  readonly signal: AbortSignal;
  /** One line about what happens, for people. */
  readonly progress: (line: string) => void;
}

const RING_LIMIT_MS = 60_000;
/** After so long without an answer the person at the terminal is told. */
const QUIET_MS = 4000;

/** Places the call; a refusal is a report, not an error. */
export async function placeCall(request: CallRequest, context: CallContext): Promise<CallReport> {
  const say = request.say === undefined ? undefined : await readSpeech(request.say);
  const peerHost = hostOfSipUri(request.uri);
  if (peerHost === undefined) {
    throw new GatewayError("SIP_MALFORMED", { found: "no SIP URI", expected: "sip:user@host" });
  }
  context.progress(`calling ${request.uri}`);
  const tls = { caFile: request.ca, verify: request.insecure !== true };
  const agent = await startUserAgent({ ...context, peerHost, tls });
  try {
    return await converse(request, say, context, agent);
  } finally {
    await agent.close();
  }
}

async function converse(
  request: CallRequest,
  say: Int16Array | undefined,
  context: CallContext,
  agent: UserAgent,
): Promise<CallReport> {
  const { clock, random } = context;
  const anchor = await agent.anchors.allocate(userAgentLegId(random));
  const session = new LocalSession(Math.floor(clock.wallMs() / 1000), {
    policy: request.srtp === true ? "required" : "off",
    keys: new SrtpKeyring(random),
  });
  const invitedUs = clock.nowUs();
  const elapsedMs = (): number => Math.round((clock.nowUs() - invitedUs) / 1000);
  let ringingAfterMs: number | undefined;
  let earlySdp: string | undefined;
  const recorder = request.record === undefined ? undefined : new CallRecorder();
  const leg = new CallLeg({ ...context, anchor, recorder, session });
  const ringLimit = new AbortController();
  const ringTimer = after(clock, RING_LIMIT_MS, () => ringLimit.abort());
  const patience = after(clock, QUIET_MS, () => {
    context.progress("no answer yet; over UDP it takes 32 s to know that nobody is there");
  });
  let dialog: SipDialog;
  try {
    dialog = await agent.signaling.invite({
      uri: withTransport(request.uri),
      callingUser: "trunkline",
      sdp: session.offer({ transports: [transportOf(anchor)] }),
      signal: AbortSignal.any([context.signal, ringLimit.signal]),
      onProgress: (_status, sdp) => {
        ringingAfterMs ??= elapsedMs();
        context.progress("ringing");
        if (sdp !== undefined) {
          earlySdp = listenEarly(leg, session, sdp, context) ?? earlySdp;
        }
      },
    });
  } catch (error) {
    await leg.close();
    return refusedReport(request.uri, error, elapsedMs());
  } finally {
    ringTimer.cancel();
    patience.cancel();
  }
  const setupMs = elapsedMs();
  context.progress(`answered after ${setupMs} ms`);
  // A reliable 183 has the answer already; the 200 need not repeat it.
  const answer = dialog.remoteSdp === "" ? earlySdp : dialog.remoteSdp;
  const audio = await agreedAudio(leg, session, dialog, answer ?? "");
  leg.listen(audio);
  const stayMs = request.seconds === undefined ? undefined : request.seconds * 1000;
  const conversation = await leg.run({ say, dtmf: request.dtmf, stayMs }, dialog);
  if (recorder !== undefined && request.record !== undefined) {
    await writeFile(request.record, recorder.toWav());
  }
  return {
    uri: request.uri,
    answered: true,
    sipCallId: dialog.sipCallId,
    status: 200,
    setupMs,
    ...(ringingAfterMs === undefined ? {} : { ringingAfterMs }),
    ...conversation,
    ...(audio.srtp === undefined ? {} : { srtp: audio.srtp.local.suite }),
    ...(request.record === undefined ? {} : { recording: request.record }),
  };
}

/** Gives the SDP back when it could be taken; what cannot be is no reason to give the call up. */
function listenEarly(
  leg: CallLeg,
  session: LocalSession,
  sdp: string,
  { progress, logger }: CallContext,
): string | undefined {
  try {
    leg.listen(session.applyAnswer(sdp).audio);
    progress("audio before the answer");
    return sdp;
  } catch (error) {
    logger.warn("early media not taken", { error });
    return undefined;
  }
}

/** Hangs up when the answer is none to our offer. */
async function agreedAudio(
  leg: CallLeg,
  session: LocalSession,
  dialog: SipDialog,
  answer: string,
): Promise<NegotiatedStream> {
  try {
    return session.applyAnswer(answer).audio;
  } catch (error) {
    await Promise.all([dialog.bye(), leg.close()]);
    throw error;
  }
}

function transportOf({ localAddress, localPort, localRtcpPort }: Anchor) {
  return { address: localAddress, port: localPort, rtcpPort: localRtcpPort };
}

/** A SIP server picks a transport at will when the URI names none. */
function withTransport(uri: string): string {
  return /^sips:|;transport=/i.test(uri) ? uri : `${uri};transport=udp`;
}

function refusedReport(uri: string, error: unknown, setupMs: number): CallReport {
  const details = error instanceof GatewayError ? error.details : {};
  const status = details["status"];
  if (typeof status !== "number" && !(error instanceof GatewayError)) {
    throw error;
  }
  return {
    uri,
    answered: false,
    status: typeof status === "number" ? status : 0,
    reason: String(details["reason"] ?? (error as Error).message),
    setupMs,
    durationMs: 0,
    turns: [],
  };
}

/** A caller with ears: an answered call of a hand-written peer, whose audio the test says and hears. */
import { decodeG711 } from "../../../src/audio/g711.ts";
import type { CallLog } from "./call-log.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { PeerCall, SDP } from "./peer-call.ts";
import { RtpEar } from "./rtp-ear.ts";
import { UdpPeer } from "./sip-peer.ts";

const PACKET_SAMPLES = 160;

/** What `GET /call-logs` says of the models of a call. */
export interface LoggedModels extends CallLog {
  readonly models: readonly {
    readonly model: string;
    readonly ended: string | null;
    readonly code: string | null;
  }[];
}

/** One call. */
export class TalkingCaller {
  readonly ear: RtpEar;
  readonly #peer: UdpPeer;
  readonly #dialog: PeerCall;

  private constructor(ear: RtpEar, peer: UdpPeer, dialog: PeerCall) {
    this.ear = ear;
    this.#peer = peer;
    this.#dialog = dialog;
  }

  static async call(gateway: GatewayProcess, user: string): Promise<TalkingCaller> {
    const ear = await RtpEar.open();
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    const dialog = new PeerCall(peer, gateway.sipPort, user);
    await dialog.establish({ body: SDP(ear.port) });
    return new TalkingCaller(ear, peer, dialog);
  }

  /** All that was heard so far, one packet behind the other: where the machine was too busy to send, nothing is missing. */
  get heard(): Int16Array {
    const audio = this.ear.heard.filter(({ payload }) => payload.length === PACKET_SAMPLES);
    const samples = new Int16Array(audio.length * PACKET_SAMPLES);
    for (const [i, { payload }] of audio.entries()) {
      decodeG711("pcmu", payload, 0, PACKET_SAMPLES, samples, i * PACKET_SAMPLES);
    }
    return samples;
  }

  async hangUp(): Promise<void> {
    await this.#dialog.exchange("BYE");
    await this.#peer.close();
    await this.ear.close();
  }

  /** Of the call, after it ended. */
  async log(gateway: GatewayProcess): Promise<LoggedModels> {
    return (await gateway.callLog(this.#dialog.callId)) as LoggedModels;
  }
}

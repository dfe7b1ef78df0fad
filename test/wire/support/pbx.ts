/** A telephone system written by hand: a registrar that wants a proof, and phones behind it that ring and answer. */
import { digestResponse, readDigests } from "../../../src/core/sip-digest.ts";
import { respond } from "./peer-call.ts";
import { type RawMessage, UdpPeer } from "./sip-peer.ts";

/** What it knows of us, and what it does. */
export interface PbxOptions {
  readonly username: string;
  readonly password: string;
  readonly algorithm: "MD5" | "SHA-256";
  /** Granted to registrations. */
  readonly expiresSeconds: number;
  /** SDP of the phone that answers. */
  readonly sdp: string;
}

const REALM = "pbx";

/** Answers everything until it is closed. */
export class Pbx {
  readonly peer: UdpPeer;
  /** OPTIONS are answered. */
  alive = true;
  /** The `Expires` of each registration that was proven, in order. */
  readonly registrations: string[] = [];
  /** Our Contact, where calls to the gateway go. */
  contact = "";
  /** INVITEs that were proven. */
  readonly invites: RawMessage[] = [];
  byes = 0;
  /** Proofs that were wrong. */
  wrongProofs = 0;
  readonly #options: PbxOptions;
  #nonces = 0;
  #open = true;

  private constructor(peer: UdpPeer, options: PbxOptions) {
    this.peer = peer;
    this.#options = options;
    void this.#serve();
  }

  static async open(gatewayPort: number, options: PbxOptions): Promise<Pbx> {
    return new Pbx(await UdpPeer.open(gatewayPort, 0), options);
  }

  async close(): Promise<void> {
    this.#open = false;
    await this.peer.close();
  }

  async #serve(): Promise<void> {
    const isRequest = ({ status }: RawMessage): boolean => status === undefined;
    while (this.#open) {
      const request = await this.peer.next(isRequest, "request", 1000).catch(() => undefined);
      if (request !== undefined && this.#open) {
        this.#answer(request);
      }
    }
  }

  #answer(request: RawMessage): void {
    switch (request.method) {
      case "OPTIONS":
        if (this.alive) {
          respond(this.peer, request, 200);
        }
        break;
      case "REGISTER":
        if (this.#isProven(request, "authorization")) {
          this.#register(request);
        } else {
          this.#challenge(request, 401, "WWW-Authenticate");
        }
        break;
      case "INVITE":
        if (this.#isProven(request, "proxy-authorization")) {
          this.#ring(request);
        } else {
          this.#challenge(request, 407, "Proxy-Authenticate");
        }
        break;
      case "BYE":
        this.byes += 1;
        respond(this.peer, request, 200);
        break;
      default:
        break;
    }
  }

  #register(request: RawMessage): void {
    const wanted = request.header("expires") ?? "";
    this.contact = request.header("contact") ?? "";
    this.registrations.push(wanted);
    const granted = Math.min(Number(wanted), this.#options.expiresSeconds);
    respond(this.peer, request, 200, {
      headers: [`Contact: <sip:other@192.0.2.9>;expires=9, ${this.contact};expires=${granted}`],
    });
  }

  #ring(request: RawMessage): void {
    this.invites.push(request);
    respond(this.peer, request, 180);
    respond(this.peer, request, 200, { body: this.#options.sdp });
  }

  #challenge(request: RawMessage, status: number, header: string): void {
    this.#nonces += 1;
    const { algorithm } = this.#options;
    const value = `Digest realm="${REALM}", nonce="n${this.#nonces}", algorithm=${algorithm}, qop="auth"`;
    respond(this.peer, request, status, { headers: [`${header}: ${value}`] });
  }

  #isProven(request: RawMessage, header: string): boolean {
    const digest = readDigests(request.header(header) ?? "")[0];
    if (digest === undefined) {
      return false;
    }
    const expected = digestResponse({
      ...this.#options,
      realm: REALM,
      nonce: digest.get("nonce") ?? "",
      method: request.method,
      uri: digest.get("uri") ?? "",
      protection: {
        nonceCount: digest.get("nc") ?? "",
        clientNonce: digest.get("cnonce") ?? "",
      },
    });
    const isRight = digest.get("response") === expected;
    this.wrongProofs += isRight ? 0 : 1;
    return isRight;
  }
}

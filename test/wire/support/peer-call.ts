/** One call of a hand-written peer: keeps tags and numbers, builds the messages. */
import type { RawMessage, SipPeer } from "./sip-peer.ts";

export const SDP = (port: number): string =>
  `v=0\r\no=- ${port} 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

function suffixOf({ protocol }: SipPeer): string {
  return protocol === "UDP" ? "" : `;transport=${protocol.toLowerCase()}`;
}

let serial = 0;

/** Unique within the run of the tests. */
export function unique(prefix: string): string {
  serial += 1;
  return `${prefix}${process.pid}x${serial}`;
}

interface RequestOptions {
  readonly headers?: readonly string[];
  readonly body?: string;
  readonly sequence?: number;
  readonly branch?: string;
  readonly uri?: string;
  readonly contentType?: string;
}

/** The peer's side of a dialog, either role. */
export class PeerCall {
  readonly peer: SipPeer;
  readonly serverPort: number;
  readonly callId = unique("call-");
  readonly localTag = unique("tag-");
  localParty: string;
  remoteParty: string;
  target: string;
  sequence = 1;
  inviteBranch = "";
  contact: string;

  constructor(peer: SipPeer, serverPort: number, user = "agent") {
    this.peer = peer;
    this.serverPort = serverPort;
    const suffix = suffixOf(peer);
    this.target = `sip:${user}@127.0.0.1:${serverPort}${suffix}`;
    this.contact = `<sip:peer@${peer.address}${suffix}>`;
    this.localParty = `<sip:peer@${peer.address}>;tag=${this.localTag}`;
    this.remoteParty = `<sip:${user}@127.0.0.1:${serverPort}>`;
  }

  build(method: string, options: RequestOptions = {}): string {
    const branch = options.branch ?? `z9hG4bK${unique("b")}`;
    if (method === "INVITE") {
      this.inviteBranch = branch;
    }
    const body = options.body ?? "";
    const lines = [
      `${method} ${options.uri ?? this.target} SIP/2.0`,
      `Via: SIP/2.0/${this.peer.protocol} ${this.peer.address};branch=${branch}`,
      "Max-Forwards: 70",
      `From: ${this.localParty}`,
      `To: ${this.remoteParty}`,
      `Call-ID: ${this.callId}`,
      `CSeq: ${options.sequence ?? this.sequence} ${method}`,
      `Contact: ${this.contact}`,
      ...(options.headers ?? []),
      ...(body === "" ? [] : [`Content-Type: ${options.contentType ?? "application/sdp"}`]),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    return `${lines.join("\r\n")}\r\n\r\n${body}`;
  }

  send(method: string, options: RequestOptions = {}): void {
    this.peer.send(this.build(method, options));
  }

  /** Takes the tag and target of a response of the server. */
  learn(response: RawMessage): void {
    this.remoteParty = response.header("to") ?? this.remoteParty;
    const contact = /<([^>]+)>/.exec(response.header("contact") ?? "")?.[1];
    this.target = contact ?? this.target;
  }

  /** INVITE, 200, ACK. */
  async establish(options: RequestOptions = {}): Promise<RawMessage> {
    this.send("INVITE", { body: SDP(4000), ...options });
    const answer = await this.peer.response(200, "INVITE");
    this.learn(answer);
    this.send("ACK");
    return answer;
  }

  /** A request with the next number; resolves with its final response. */
  async exchange(method: string, options: RequestOptions = {}): Promise<RawMessage> {
    this.sequence += 1;
    this.send(method, options);
    const isFinal = (m: RawMessage): boolean =>
      m.status !== undefined && m.status >= 200 && m.method === method;
    return await this.peer.next(isFinal, `final response to ${method}`);
  }
}

/** A response of the peer to a request of the server. */
export function respond(
  peer: SipPeer,
  request: RawMessage,
  status: number,
  options: {
    readonly tag?: string;
    readonly headers?: readonly string[];
    readonly body?: string;
  } = {},
): void {
  const to = request.header("to") ?? "";
  const tag = to.includes("tag=") ? "" : `;tag=${options.tag ?? "peer-tag"}`;
  const suffix = suffixOf(peer);
  const body = options.body ?? "";
  const lines = [
    `SIP/2.0 ${status} ${status < 300 ? "OK" : "No"}`,
    ...request.headers("via").map((via) => `Via: ${via}`),
    ...request.headers("record-route").map((route) => `Record-Route: ${route}`),
    `From: ${request.header("from")}`,
    `To: ${to}${status === 100 ? "" : tag}`,
    `Call-ID: ${request.header("call-id")}`,
    `CSeq: ${request.header("cseq")}`,
    ...(options.headers ?? []),
    ...(options.headers?.some((h) => h.startsWith("Contact")) || request.method === "BYE"
      ? []
      : [`Contact: <sip:peer@${peer.address}${suffix}>`]),
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  peer.send(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

interface CalledPeerOptions {
  readonly body?: string;
  readonly sequence?: number;
  readonly headers?: readonly string[];
  readonly tag?: string;
}

/** A request of a called peer within the dialog that `invite` made. */
export function calledPeerRequest(
  peer: SipPeer,
  method: string,
  invite: RawMessage,
  options: CalledPeerOptions = {},
): string {
  const target = /<([^>]+)>/.exec(invite.header("contact") ?? "")?.[1] ?? "";
  const { body = "" } = options;
  const lines = [
    `${method} ${target} SIP/2.0`,
    `Via: SIP/2.0/${peer.protocol} ${peer.address};branch=z9hG4bK${unique(method)}`,
    `From: ${invite.header("to")};tag=${options.tag ?? "peer-tag"}`,
    `To: ${invite.header("from")}`,
    `Call-ID: ${invite.header("call-id")}`,
    `CSeq: ${options.sequence ?? 7} ${method}`,
    `Contact: <sip:peer@${peer.address};transport=${peer.protocol.toLowerCase()}>`,
    ...(options.headers ?? []),
    ...(body === "" ? [] : ["Content-Type: application/sdp"]),
    `Content-Length: ${body.length}`,
  ];
  return `${lines.join("\r\n")}\r\n\r\n${body}`;
}

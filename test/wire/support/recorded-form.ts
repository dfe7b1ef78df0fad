/** A request of a fixture as bytes for a real peer: what must be reachable is made so, everything else stays as it is. */
import { findMessages, type PastedMessage } from "../../../src/app/pasted-messages.ts";
import type { G711Law } from "../../../src/audio/g711.ts";
import { fixture } from "../../siprec/support.ts";

/** A stream that a request offers. */
export interface OfferedLine {
  readonly kind: string;
  readonly label: string | undefined;
  readonly port: number;
  /** What the answer should say; `undefined`: port 0. */
  readonly answer: "recvonly" | "inactive" | undefined;
  readonly law: G711Law;
  readonly ssrc: number | undefined;
}

/** One request of a form. */
export interface FormRequest {
  readonly method: string;
  readonly lines: readonly OfferedLine[];
  readonly message: PastedMessage;
}

/** Who sends it, and to whom. */
export interface FormDialog {
  readonly protocol: string;
  readonly peerAddress: string;
  readonly target: string;
  readonly callId: string;
  readonly branch: string;
  /** Of the server, within the dialog. */
  readonly to: string | undefined;
}

/** The session into which a fixture that is a body alone is sent. */
export const OPENING_OF_BODY_ALONE = "genesys-call";

const ADDRESS = /\b(?:203\.0\.113|198\.51\.100)\.\d{1,3}\b/g;

/** What the gateway calls the stream: its label, where there is one. */
export function keyOf({ label }: OfferedLine, index: number): string {
  return label ?? `#${index + 1}`;
}

/** The requests of a fixture, in order; one whose fixture is a body alone is an UPDATE. */
export function readForm(name: string): readonly FormRequest[] {
  const text = fixture(name).toString("latin1");
  const requests = findMessages(text).filter(({ kind }) => kind === "request");
  if (requests.length > 0) {
    return requests.map(requestOf);
  }
  const [opening] = readForm(OPENING_OF_BODY_ALONE);
  const head = (opening?.message.head ?? [])
    .map((line) => line.replace(/\bINVITE\b/, "UPDATE").replace(/^CSeq: .*/, "CSeq: 900 UPDATE"))
    .map((line) => line.replace(/^Content-Type: .*/, "Content-Type: application/rs-metadata+xml"));
  const update = requestOf({ kind: "request", before: "", head, body: text });
  return opening === undefined ? [] : [opening, update];
}

/** The loopback address that takes the place of the fixture's: as long as it, so that no length changes. */
export function loopbackFor(request: FormRequest | undefined, serial: number): string {
  const { length } = request?.message.body.match(ADDRESS)?.[0] ?? "203.0.113.9";
  const last = 100 + (serial % 150);
  const middle = { 11: "0.0", 12: "10.0", 13: "10.10" }[length];
  if (middle === undefined) {
    throw new Error(`no loopback address of ${length} characters`);
  }
  return `127.${middle}.${last}`;
}

/** The bytes to send. */
export function bytesOf({ message }: FormRequest, dialog: FormDialog, media: string): Buffer {
  const body = message.body.replace(ADDRESS, media);
  const suffix = dialog.protocol === "UDP" ? "" : `;transport=${dialog.protocol.toLowerCase()}`;
  const head = message.head.map((line, index) => {
    if (index === 0) {
      return line.replace(/ \S+ /, ` ${dialog.target} `);
    }
    return line
      .replace(
        /^Via:.*/,
        `Via: SIP/2.0/${dialog.protocol} ${dialog.peerAddress};branch=${dialog.branch}`,
      )
      .replace(/^(Contact: <sip:[^@]*@)[^>]*/, `$1${dialog.peerAddress}${suffix}`)
      .replace(/^Call-ID:.*/, `Call-ID: ${dialog.callId}`)
      .replace(/^To:.*/, dialog.to === undefined ? "$&" : `To: ${dialog.to}`)
      .replace(/^Content-Length:.*/, `Content-Length: ${body.length}`);
  });
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`, "latin1");
}

/** The ACK of this request's 2xx. */
export function ackOf(request: FormRequest, dialog: FormDialog): Buffer {
  return bytesOf(bare(request, "ACK", "$1"), dialog, "");
}

/** What ends the session that this request began. */
export function byeOf(request: FormRequest): FormRequest {
  return bare(request, "BYE", "9999");
}

/** A request without a body in the same dialog. @param sequence `$1`: that of the request. */
function bare(request: FormRequest, method: string, sequence: string): FormRequest {
  const head = request.message.head
    .filter((line) => !/^(?:Content-|Require|Supported|Session-Expires|Min-SE|Allow)/i.test(line))
    .map((line) => line.replace(/^INVITE /, `${method} `))
    .map((line) => line.replace(/^CSeq: (\d+) .*/, `CSeq: ${sequence} ${method}`));
  const message = { ...request.message, head: [...head, "Content-Length: 0"], body: "" };
  return { method, message, lines: [] };
}

function requestOf(message: PastedMessage): FormRequest {
  const method = message.head[0]?.split(" ")[0] ?? "";
  const sdp = /v=0\r?\n[\s\S]*?(?=\r?\n\r?\n|\r?\n--|$)/.exec(message.body)?.[0] ?? "";
  return { method, message, lines: sdp.split(/^m=/m).slice(1).map(lineOf) };
}

/** By the letters of the m-line alone, as a person would read it. */
function lineOf(section: string): OfferedLine {
  const [, kind = "", port = "0", profile = "", formats = ""] =
    /^(\S+) (\d+) (\S+) (.*?)\r?\n/.exec(`${section}\n`) ?? [];
  const laws = formats.split(" ").filter((format) => format === "0" || format === "8");
  const isTaken =
    kind === "audio" && port !== "0" && /^RTP\/AVPF?$/.test(profile) && laws.length > 0;
  const direction = /^a=(sendonly|sendrecv|recvonly|inactive)\r?$/m.exec(section)?.[1];
  const isSending = direction !== "inactive" && direction !== "recvonly";
  const ssrc = /^a=ssrc:(\d+)/m.exec(section)?.[1];
  return {
    kind,
    label: /^a=label:(\S+)/m.exec(section)?.[1],
    port: Number(port),
    answer: isTaken ? (isSending ? "recvonly" : "inactive") : undefined,
    law: laws[0] === "8" ? "pcma" : "pcmu",
    ssrc: ssrc === undefined ? undefined : Number(ssrc),
  };
}

/** A recording client on the fake network: its bodies, and one RTP sender for each stream. */
import type { AssistEnvelope, AssistEvent } from "../../src/ports/assist-events.ts";
import type { MessageBody } from "../../src/ports/signaling-server.ts";
import type { FakeCaller } from "./fake-signaling.ts";
import type { RtpPeer } from "./rtp-peer.ts";
import type { Scenario } from "./scenario.ts";

/** One m-line. */
export interface OfferedStream {
  readonly label: string;
  readonly port: number;
  readonly direction?: "sendonly" | "inactive";
}

const BOUNDARY = "unique-boundary-1";
const RECORDING = '<?xml version="1.0"?><recording xmlns="urn:ietf:params:xml:ns:recording:1">';

/** An offer of these streams. */
export function recordingSdp(streams: readonly OfferedStream[], version = 1): string {
  const media = streams.flatMap(({ label, port, direction = "sendonly" }) => [
    `m=audio ${port} RTP/AVP 0 8`,
    "a=rtpmap:0 PCMU/8000",
    `a=${direction}`,
    `a=label:${label}`,
  ]);
  const head = [`o=src 1 ${version} IN IP4 192.0.2.10`, "s=-", "c=IN IP4 192.0.2.10", "t=0 0"];
  return `${["v=0", ...head, ...media].join("\r\n")}\r\n`;
}

/** Metadata in which each of these people sends on the stream of the label. */
export function recordingXml(
  people: readonly { readonly id: string; readonly label: string }[],
): string {
  const each = people.map(
    ({ id, label }) =>
      `<participant participant_id="${id}"><nameID aor="sip:${id}@example.com"><name>${id}</name></nameID></participant><stream stream_id="s${label}" session_id="cs"><label>${label}</label></stream><participantsessionassoc participant_id="${id}" session_id="cs"/><participantstreamassoc participant_id="${id}"><send>s${label}</send></participantstreamassoc>`,
  );
  return `${RECORDING}<datamode>complete</datamode><session session_id="cs"/>${each.join("")}</recording>`;
}

/** Both in one body. */
export function recordingBody(sdp: string, xml: string): MessageBody {
  const text = [
    `--${BOUNDARY}`,
    "Content-Type: application/sdp",
    "",
    sdp,
    `--${BOUNDARY}`,
    "Content-Type: application/rs-metadata+xml",
    "Content-Disposition: recording-session",
    "",
    xml,
    `--${BOUNDARY}--`,
    "",
  ].join("\r\n");
  return { contentType: `multipart/mixed;boundary=${BOUNDARY}`, text };
}

/** The ports that an answer names, 0 for a stream that was refused. */
export function answeredPorts(sdp: string | undefined): number[] {
  return [...(sdp ?? "").matchAll(/^m=audio (\d+)/gm)].map((match) => Number(match[1]));
}

/** Points each peer at the port of its m-line. */
export function connectStreams(sdp: string | undefined, peers: readonly RtpPeer[]): void {
  const address = /^c=IN IP4 (\S+)/m.exec(sdp ?? "")?.[1] ?? "";
  for (const [index, port] of answeredPorts(sdp).entries()) {
    peers[index]?.connect(address, port);
  }
}

/** An INVITE with this body. */
export function inviteToRecord(
  scenario: Scenario,
  body: MessageBody,
  headers: Readonly<Record<string, string>> = {},
): FakeCaller {
  return scenario.signaling.call({ to: "anything", offer: undefined, body, headers });
}

/** What a page would have been told, in order. */
export function assistEvents(scenario: Scenario): readonly AssistEvent[] {
  return scenario.published
    .filter(({ topic }) => topic.startsWith("assist/"))
    .map(({ message }) => (message as unknown as AssistEnvelope).event);
}

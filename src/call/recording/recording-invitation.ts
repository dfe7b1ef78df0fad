/** Whether an invitation is of a recording client, and what such a client's messages hold. */
import { GatewayError } from "../../core/errors.ts";
import type { Invitation, MessageBody, SipHeaders } from "../../ports/signaling-server.ts";
import type { HeaderReader } from "../../siprec/correlation.ts";
import { readOptionTags } from "../../siprec/option-tags.ts";
import { type RecordingRequest, readRecordingRequest } from "../../siprec/recording-request.ts";
import { refuseInvitation } from "../refusal-headers.ts";

/** RFC 7866 section 6.1.2, Responding to an Offer: the recorder says that it is one. */
export const RECORDER: SipHeaders = { Contact: "<sip:recorder@localhost>;+sip.srs" };

const SDP_TYPE = "application/sdp";

/** `undefined`: nothing about it says recording session. */
export function recordingRequestOf(invitation: Invitation): RecordingRequest | undefined {
  const header = headersOf(invitation);
  const { tags } = readOptionTags(header("Require"));
  const isSource = header("Contact").some((contact) => /;\s*\+sip\.src\b/i.test(contact));
  if (invitation.body === undefined && !isSource && !tags.includes("siprec")) {
    return undefined;
  }
  const request = readInvitation(invitation);
  return request.isRecording ? request : undefined;
}

/** An invitation as the recorder reads it, whatever it is. */
export function readInvitation(invitation: Invitation): RecordingRequest {
  const { body, offer } = invitation;
  return readMessage(
    body ?? { contentType: SDP_TYPE, text: offer ?? "" },
    headersOf(invitation),
    false,
  );
}

/** A message within the dialog; its headers are those of the body. */
export function readUpdate(body: MessageBody): RecordingRequest {
  return readMessage(body, () => [], true);
}

/** SDP alone, within the dialog. */
export function readOffer(sdp: string): RecordingRequest {
  return readUpdate({ contentType: SDP_TYPE, text: sdp });
}

/** Headers of an invitation; the first of each name. */
export function headersOf(invitation: Pick<Invitation, "header">): HeaderReader {
  return (name) => {
    const value = invitation.header(name);
    return value === undefined ? [] : [value];
  };
}

function readMessage(body: MessageBody, header: HeaderReader, inDialog: boolean): RecordingRequest {
  const { contentType, text } = body;
  return readRecordingRequest({
    header: (name) =>
      name === "Content-Type" ? (contentType === undefined ? [] : [contentType]) : header(name),
    headerNames: [],
    body: Buffer.from(text, "utf8"),
    inDialog,
    datagramBytes: undefined,
  });
}

/** Answers an invitation that was not taken, by what failed; `undefined`: it ended before. */
export async function refuseRecording(
  invitation: Invitation,
  error: unknown,
  retryAfterSeconds: number,
): Promise<void> {
  const known = error instanceof GatewayError ? error.sipStatus : 500;
  const status = error === undefined ? 480 : known;
  await refuseInvitation(invitation, { status, error, retryAfterSeconds });
}

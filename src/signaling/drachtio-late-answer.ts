/** The answer to an offer of ours within a dialog, which the ACK brings. */
import type { DrachtioDialog, DrachtioRequest } from "./drachtio-types.ts";

/** Hears the body of the ACK of this INVITE, where it has one; the ACK of an earlier INVITE may still be on its way to us. */
export function onceAnswered(
  dialog: DrachtioDialog,
  invite: DrachtioRequest,
  onAnswer: (sdp: string) => void,
): void {
  const sequence = sequenceOf(invite);
  const onAck = (ack: DrachtioRequest): void => {
    if (sequenceOf(ack) !== sequence) {
      return;
    }
    dialog.removeListener("ack", onAck);
    if (ack.body !== undefined && ack.body !== "") {
      onAnswer(ack.body);
    }
  };
  dialog.on("ack", onAck);
}

function sequenceOf(request: DrachtioRequest): number {
  return Number.parseInt(request.get("CSeq") ?? "", 10);
}

/** What a line of PCM would offer if it spoke SDP: one m-line for each stream, with its label. */
import type { Arrival } from "../../ports/call-door.ts";

/** PCMU alone: what the line's own rates become at its anchor. No telephone-event: keys come and go otherwise. */
export function writeDoorOffer({ line, roles }: Pick<Arrival, "line" | "roles">): string {
  const direction = roles === undefined ? "sendrecv" : "sendonly";
  const media = line.streams.flatMap(({ port, label }) => [
    `m=audio ${port} RTP/AVP 0`,
    `a=label:${label}`,
    "a=ptime:20",
    `a=${direction}`,
  ]);
  const lines = [
    "v=0",
    `o=- 1 1 IN IP6 ${line.address}`,
    "s=-",
    `c=IN IP6 ${line.address}`,
    "t=0 0",
    ...media,
  ];
  return `${lines.join("\r\n")}\r\n`;
}

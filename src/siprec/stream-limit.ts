/** How many streams of an offer are recorded at most: those beyond are treated as if they were not offered. */
import { oddity } from "./oddities.ts";
import type { RecordingRequest } from "./recording-request.ts";

/** The same request where it keeps the bound; else the first `maxStreams` streams that could be recorded are left. */
export function limitStreams(request: RecordingRequest, maxStreams: number): RecordingRequest {
  const { sdp, media, oddities } = request;
  const beyond = new Set(
    media
      .filter(({ recordable }) => recordable)
      .slice(maxStreams)
      .map(({ index }) => index),
  );
  if (sdp === undefined || beyond.size === 0) {
    return request;
  }
  return {
    ...request,
    sdp: {
      ...sdp,
      media: sdp.media.map((line, index) => (beyond.has(index) ? { ...line, port: 0 } : line)),
    },
    media: media.map((line) =>
      beyond.has(line.index) ? { ...line, offered: false, recordable: false } : line,
    ),
    oddities: [...oddities, oddity("streamsTooMany", `${beyond.size} m-lines`)],
  };
}

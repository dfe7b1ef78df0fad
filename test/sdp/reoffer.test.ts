import { describe, expect, it } from "vitest";
import { LocalSession } from "../../src/sdp/local-session.ts";
import { parseSdp } from "../../src/sdp/parse-sdp.ts";
import { body, TRANSPORTS } from "./fixtures.ts";

const ONE = { transports: TRANSPORTS.slice(0, 1) };

/** What we offer within a session that this offer began. */
function reofferAfter(...lines: readonly string[]) {
  const session = new LocalSession(100);
  const first = session.answer(body(...lines), ONE);
  return { session, first: first.sdp, second: session.offer(ONE) };
}

describe("an offer of ours within a session", () => {
  it("holds all codecs, the agreed one first, and no direction of a hold", () => {
    const { second } = reofferAfter("m=audio 4000 RTP/AVP 8 0", "a=inactive", "a=ptime:40");
    const [media] = parseSdp(second).media;
    expect(media).toMatchObject({
      formats: ["8", "0", "101"],
      direction: "sendrecv",
      ptimeMs: 40,
      port: 20_000,
    });
    expect(parseSdp(second)).toMatchObject({ sessionId: "100", sessionVersion: "101" });
  });

  it("keeps every m-line in its place, refused ones with port 0", () => {
    const video = ["m=video 4002 RTP/AVP 96", "a=mid:v"];
    const { second } = reofferAfter(...video, "m=audio 4000 RTP/AVP 0", "a=mid:a", "a=label:7");
    expect(parseSdp(second).media.map(({ kind, port, mid }) => [kind, port, mid])).toEqual([
      ["video", 0, "v"],
      ["audio", 20_000, "a"],
    ]);
  });

  it("gives no payload type another meaning", () => {
    const { second } = reofferAfter(
      "m=audio 4000 RTP/AVP 96 97",
      "a=rtpmap:96 PCMA/8000",
      "a=rtpmap:97 telephone-event/8000",
    );
    const maps = parseSdp(second).media[0]?.rtpMaps ?? [];
    expect(maps.map(({ payloadType, encoding }) => `${payloadType} ${encoding}`)).toEqual([
      "96 PCMA",
      "0 PCMU",
      "97 telephone-event",
    ]);
  });

  it("keeps RTCP on the RTP port where it is", () => {
    const { second } = reofferAfter("m=audio 4000 RTP/AVP 0", "a=rtcp-mux");
    expect(second).toContain("a=rtcp-mux");
    expect(second).not.toContain("a=rtcp:");
  });

  it("is the same when nothing changed since, and takes an answer", () => {
    const { session, second } = reofferAfter("m=audio 4000 RTP/AVP 0", "a=sendonly");
    expect(session.offer(ONE)).toBe(second);
    const theirs = body("m=audio 4000 RTP/AVP 8");
    expect(session.applyAnswer(theirs).audio).toMatchObject({ law: "pcma", direction: "sendrecv" });
  });
});

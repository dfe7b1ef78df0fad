/** Every fixture of a vendor through the whole gateway: what is recordable is taken, whatever the body looks like. */
import { afterEach, expect, it } from "vitest";
import { findMessages } from "../../src/app/pasted-messages.ts";
import { parsePasted } from "../../src/app/pasted-request.ts";
import { headerOf } from "../../src/signaling/embedded/message.ts";
import { SUPPORTED_EXTENSIONS } from "../../src/signaling/supported-extensions.ts";
import { FIXTURE_NAMES, fixture } from "../siprec/support.ts";
import { answeredPorts, assistEvents } from "../support/recording-client.ts";
import { Scenario } from "../support/scenario.ts";

let scenario: Scenario | undefined;

afterEach(async () => {
  expect(await scenario?.close()).toEqual([]);
});

/** The first INVITE of a fixture as the adapter would hand it over; `undefined`: it has none. */
function inviteOf(name: string) {
  const messages = findMessages(fixture(name).toString("latin1"));
  const invite = messages.find(({ head }) => head[0]?.startsWith("INVITE ") === true);
  const request = invite === undefined ? undefined : parsePasted(invite, SUPPORTED_EXTENSIONS);
  return request?.request;
}

const INVITES = FIXTURE_NAMES.flatMap((name) => {
  const request = inviteOf(name);
  return request === undefined ? [] : [{ name, request }];
});

it.each(INVITES)("takes $name", async ({ request }) => {
  scenario = new Scenario();
  await scenario.start();
  const text = request.body.toString("utf8");
  const contentType = headerOf(request, "content-type");
  const isSdp = /^application\/sdp/i.test(contentType ?? "");
  const names = ["Require", "Contact", "User-to-User", "X-Amzn-ConnectContactId"];
  const headers = Object.fromEntries(
    names.flatMap((name) => {
      const value = headerOf(request, name.toLowerCase());
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
  const client = scenario.signaling.call({
    to: "anything",
    headers,
    offer: isSdp ? text : undefined,
    ...(isSdp ? {} : { body: { contentType, text } }),
  });
  await scenario.clock.advanceMs(100);
  expect(client.statuses).toEqual([200]);
  const offered = text.match(/^[ \t]*m=/gm)?.length ?? 0;
  expect(client.answerSdp?.match(/^m=/gm)).toHaveLength(offered);
  expect(client.answerSdp?.match(/a=label:\S+/g) ?? []).toEqual(
    text.match(/a=label:[^\s]+/g) ?? [],
  );
  expect(answeredPorts(client.answerSdp).some((port) => port > 0)).toBe(true);
  expect(assistEvents(scenario)[0]).toMatchObject({ kind: "state" });
});

it("has an INVITE of every vendor", () => {
  expect(INVITES.length).toBeGreaterThan(30);
});

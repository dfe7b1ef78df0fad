/** Chats of Amazon Connect whose messages are to be sent to a topic: by AWS's own client, and by the command of the operator. */
import { afterEach, expect, it } from "vitest";
import { ContactStreaming } from "../../src/connect/contact-streaming.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { awsError, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { ConnectStreamingStandIn, servicesTogether } from "../support/aws/connect-streaming.ts";
import { ContactLensStandIn } from "../support/aws/contact-lens-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { runCli } from "../support/cli-bench.ts";

const INSTANCE = "0f0d1b9e-5a7d-4b0c-9f57-1d2c3b4a5f60";
const TOPIC = "arn:aws:sns:eu-central-1:123456789012:chats";

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

async function bench() {
  const connect = new ConnectStreamingStandIn(INSTANCE);
  connect.contacts.set("chat-1", { channel: "CHAT" });
  connect.contacts.set("chat-2", { channel: "CHAT", isOver: true });
  connect.contacts.set("call-1", { channel: "VOICE" });
  connect.contacts.set("task-1", { channel: "TASK" });
  const services = [servicesTogether("connect", [connect, new ContactLensStandIn(INSTANCE)])];
  const aws = await startAwsStandIn({ port: 0, services });
  closers.push(() => aws.close());
  const clock = new SystemClock();
  const access = { region: "eu-central-1", endpoint: aws.endpoint };
  const streaming = new ContactStreaming({ clock, access, instanceId: INSTANCE, topic: TOPIC });
  closers.push(() => streaming.close());
  return { connect, aws, streaming, clock };
}

const refusal = (promise: Promise<unknown>): Promise<{ code: string; reason: string }> =>
  promise.then(
    () => ({ code: "", reason: "" }),
    (error) => ({ code: error.code, reason: error.details.reason }),
  );

it("begins once however often it is asked, and again after it was stopped", async () => {
  const { connect, streaming, clock } = await bench();
  const first = await streaming.start("chat-1");
  expect(await streaming.start("chat-1")).toBe(first);
  expect([...connect.streamings.values()]).toEqual([{ contactId: "chat-1", topic: TOPIC }]);
  await streaming.stop("chat-1", first);
  expect(connect.streamings.size).toBe(0);
  expect(await streaming.start("chat-1")).not.toBe(first);
  expect(clock.pending).toBe(0);
});

it("is sent again when the connection breaks after the deed, and begins nothing twice", async () => {
  const { connect, aws, streaming } = await bench();
  let cuts = 1;
  aws.faults.push({
    hits: ({ operation }) => operation === "StartContactStreaming" && cuts-- > 0,
    cut: "after",
  });
  await streaming.start("chat-1");
  expect(connect.streamings.size).toBe(1);
});

it("refuses calls and tasks in words, without asking for it", async () => {
  const { aws, streaming } = await bench();
  expect(await refusal(streaming.start("call-1"))).toEqual({
    code: "CONTACT_NOT_CHAT",
    reason: "the contact is a call: follow it with contactLens",
  });
  expect((await refusal(streaming.start("task-1"))).code).toBe("CONTACT_NOT_CHAT");
  expect(aws.asked.map(({ operation }) => operation)).not.toContain("StartContactStreaming");
});

it("says in words why the service refused", async () => {
  const { aws, streaming } = await bench();
  const reasons: string[] = [];
  for (const contactId of ["nobody", "chat-2"]) {
    reasons.push((await refusal(streaming.start(contactId))).reason);
  }
  const denied = awsError(403, "AccessDeniedException", "secret words");
  aws.faults.push(
    refuseNext("DescribeContact", denied),
    refuseNext("StartContactStreaming", denied),
  );
  reasons.push((await refusal(streaming.start("chat-1"))).reason);
  expect(reasons[0]).toContain("no such contact");
  expect(reasons[1]).toContain("the chat is over");
  expect(reasons[2]).toContain("connect:StartContactStreaming");
  await aws.close();
  expect((await refusal(streaming.start("chat-1"))).reason).toContain("cannot be reached");
});

it("is begun and ended by trunkline connect stream", async () => {
  const { connect, aws } = await bench();
  const yaml = [
    `aws: { region: eu-central-1, endpoint: "${aws.endpoint}" }`,
    "assist:",
    `  snsTopics: ["${TOPIC}"]`,
    `  chatStreaming: { instanceId: ${INSTANCE}, topic: "${TOPIC}" }`,
  ].join("\n");
  const files = { "gateway.yaml": yaml };
  const begun = await runCli(["connect", "stream", "chat-1", "--json"], { files });
  expect(begun.code).toBe(0);
  const { streamingId } = JSON.parse(begun.out) as { streamingId: string };
  expect(connect.streamings.has(streamingId)).toBe(true);
  const ended = await runCli(["connect", "stream", "chat-1", "--stop", streamingId], { files });
  expect([ended.code, connect.streamings.size]).toEqual([0, 0]);
  const call = await runCli(["connect", "stream", "call-1"], { files });
  expect([call.code, call.error]).toEqual([1, expect.stringContaining("CONTACT_NOT_CHAT")]);
  const off = await runCli(["connect", "stream", "chat-1"], { files: { "gateway.yaml": "{}" } });
  expect([off.code, off.error]).toEqual([1, expect.stringContaining("CONTACT_SOURCE_OFF")]);
  expect((await runCli(["connect", "stream", "../x"], { files })).code).toBe(2);
});

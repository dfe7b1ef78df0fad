import { describe, expect, it } from "vitest";
import { adviceLab, ScriptedAdvisor } from "../support/advice-lab.ts";
import { CERTIFICATE_URL, chatMessage, FakeSns, SNS_HOST, TOPIC } from "../support/sns.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("notifications of Amazon SNS", () => {
  it.each(["1", "2"])("are taken when signed with version %s", async (SignatureVersion) => {
    const { assistant, sns, heard } = adviceLab();
    const body = sns.notification(chatMessage("I want a refund"), { SignatureVersion });
    expect(await assistant.notify(body)).toBe("taken");
    await settle();
    expect(heard.map(({ topic }) => topic)).toEqual(heard.map(() => "assist/c1"));
    expect(heard.map(({ envelope }) => envelope.eventId)).toEqual(
      heard.map((_one, index) => index + 1),
    );
    expect(heard.map(({ envelope }) => envelope.event)).toEqual([
      expect.objectContaining({ kind: "state", state: "live" }),
      expect.objectContaining({ kind: "playbook" }),
      expect.objectContaining({ kind: "transcript", role: "customer", text: "I want a refund" }),
      expect.objectContaining({
        kind: "suggestion",
        category: "nextBestAction",
        text: "Offer it.",
      }),
      expect.objectContaining({
        kind: "suggestion",
        category: "answer",
        text: expect.stringContaining("five working days"),
        sources: [expect.objectContaining({ uri: "refunds.md" })],
        utteranceId: "i1",
      }),
    ]);
    expect(heard[0]?.envelope).toMatchObject({ callId: "c1", contactId: "c1" });
  });

  it("with a subject are signed with it", async () => {
    const { assistant, sns } = adviceLab();
    const Subject = "Chat";
    expect(await assistant.notify(sns.notification({}, { Subject }))).toBe("ignored");
    const body = { ...JSON.parse(sns.notification({}, { Subject })), Subject: "Other" };
    expect(await assistant.notify(JSON.stringify(body))).toBe("signatureWrong");
  });

  it("are delivered twice, and taken once", async () => {
    const { assistant, sns, heard } = adviceLab();
    const body = sns.notification(chatMessage("refund"));
    expect(await assistant.notify(body)).toBe("taken");
    const count = heard.length;
    expect(await assistant.notify(body)).toBe("repeated");
    await settle();
    expect(heard.filter(({ envelope }) => envelope.event.kind === "transcript")).toHaveLength(1);
    expect(heard.length).toBeGreaterThanOrEqual(count);
    expect(sns.fetched).toEqual([CERTIFICATE_URL]);
  });

  it.each([
    ["another host", { SigningCertURL: CERTIFICATE_URL.replace(SNS_HOST, "evil.example.com") }],
    [
      "a host that looks alike",
      { SigningCertURL: CERTIFICATE_URL.replace(SNS_HOST, `${SNS_HOST}.evil.com`) },
    ],
    ["another region", { SigningCertURL: CERTIFICATE_URL.replace("eu-central-1", "us-east-1") }],
    ["plain HTTP", { SigningCertURL: CERTIFICATE_URL.replace("https", "http") }],
    ["another port", { SigningCertURL: CERTIFICATE_URL.replace(SNS_HOST, `${SNS_HOST}:8443`) }],
    [
      "a name in front",
      { SigningCertURL: CERTIFICATE_URL.replace(SNS_HOST, `${SNS_HOST}@evil.com`) },
    ],
    ["another path", { SigningCertURL: `https://${SNS_HOST}/?Action=GetTopic` }],
    ["no address", { SigningCertURL: "certificate" }],
  ])("with a certificate from %s are refused without asking for it", async (_what, changes) => {
    const { assistant, sns, heard } = adviceLab();
    const body = sns.notification(chatMessage("refund"), changes);
    expect(await assistant.notify(body)).toBe("certificateRefused");
    expect([sns.fetched, heard]).toEqual([[], []]);
  });

  it("of a topic that nobody listed are refused, however well signed", async () => {
    const { assistant, sns } = adviceLab();
    const TopicArn = TOPIC.replace("123456789012", "999999999999");
    expect(await assistant.notify(sns.notification(chatMessage("x"), { TopicArn }))).toBe(
      "topicRefused",
    );
    expect(sns.fetched).toEqual([]);
  });

  it("are refused when anything signed was changed", async () => {
    const { assistant, sns } = adviceLab();
    const fields = JSON.parse(sns.notification(chatMessage("refund")));
    for (const changes of [
      { Message: "{}" },
      { MessageId: "m2" },
      { Signature: "" },
      { Signature: "AAAA" },
      { SignatureVersion: "2" },
    ]) {
      const body = JSON.stringify({ ...fields, ...changes });
      expect(await assistant.notify(body)).toBe("signatureWrong");
    }
    const forged = new FakeSns("somebody else").notification(chatMessage("refund"));
    expect(await assistant.notify(forged)).toBe("signatureWrong");
  });

  it("that are old, or of a time to come, are refused", async () => {
    const { assistant, sns, clock } = adviceLab();
    const at = (deltaMs: number): string => new Date(clock.wallMs() + deltaMs).toISOString();
    for (const Timestamp of [at(-3_700_000), at(400_000), "yesterday"]) {
      expect(await assistant.notify(sns.notification({}, { Timestamp }))).toBe("stale");
    }
  });

  it.each([
    ["expired", new FakeSns("expired", VirtualClock.WALL_ORIGIN_MS - 7 * 86_400_000)],
    ["of another kind of key", new FakeSns("curve", VirtualClock.WALL_ORIGIN_MS, "ec")],
  ])("are refused when the certificate is %s", async (_what, sns) => {
    const { assistant, clock } = adviceLab({ sns });
    const Timestamp = new Date(clock.wallMs()).toISOString();
    const body = sns.notification(chatMessage("refund"), { Timestamp, SignatureVersion: "2" });
    expect(await assistant.notify(body)).toBe("certificateRefused");
  });

  it("are to be delivered again when the certificate cannot be had, and then taken", async () => {
    const { assistant, sns } = adviceLab();
    sns.status = 500;
    const body = sns.notification(chatMessage("refund"));
    expect(await assistant.notify(body)).toBe("certificateFailed");
    sns.status = 200;
    expect(await assistant.notify(body)).toBe("taken");
  });

  it.each(["", "{", "null", "[]", '{"Type":"Notification"}', JSON.stringify({ Type: "Other" })])(
    "that are none (%j) are refused",
    async (body) => {
      expect(await adviceLab().assistant.notify(body)).toBe("malformed");
    },
  );
});

describe("a subscription", () => {
  it("is confirmed at the topic's own host", async () => {
    const { assistant, sns } = adviceLab();
    expect(await assistant.notify(sns.confirmation())).toBe("confirmed");
    expect(sns.fetched.at(-1)).toContain("Action=ConfirmSubscription");
  });

  it("is not confirmed elsewhere, nor unsigned", async () => {
    const { assistant, sns } = adviceLab();
    const elsewhere = sns.confirmation({ SubscribeURL: "https://evil.example.com/" });
    expect(await assistant.notify(elsewhere)).toBe("malformed");
    const unsigned = JSON.stringify({ ...JSON.parse(sns.confirmation()), Signature: "AAAA" });
    expect(await assistant.notify(unsigned)).toBe("signatureWrong");
    expect(sns.fetched.some((url) => url !== CERTIFICATE_URL)).toBe(false);
  });
});

describe("what a chat says", () => {
  it.each([
    ["typing", { Type: "EVENT", ContentType: "application/vnd.amazonaws.connect.event.typing" }],
    ["a system message", { ParticipantRole: "SYSTEM" }],
    ["an attachment", { Type: "ATTACHMENT" }],
    ["nothing", { Content: "  " }],
    ["a card", { ContentType: "application/json" }],
    ["a contact id that is none", { ContactId: "../../x*" }],
  ])("is ignored when it is %s", async (_what, changes) => {
    const { assistant, sns, heard } = adviceLab();
    expect(await assistant.notify(sns.notification(chatMessage("hi", changes)))).toBe("ignored");
    expect(heard).toEqual([]);
  });

  it("ends with a summary, and nothing after it", async () => {
    const { assistant, sns, heard } = adviceLab();
    await assistant.notify(sns.notification(chatMessage("I want a refund for my toaster")));
    const ended = {
      ContactId: "c1",
      Type: "EVENT",
      ContentType: "application/vnd.amazonaws.connect.event.chat.ended",
    };
    await assistant.notify(sns.notification(ended, { MessageId: "m2" }));
    await assistant.notify(sns.notification(chatMessage("more"), { MessageId: "m3" }));
    await settle();
    const events = heard.map(({ envelope }) => envelope.event);
    expect(events.slice(-2)).toEqual([
      expect.objectContaining({ kind: "summary", disposition: "refund" }),
      expect.objectContaining({ kind: "state", state: "ended" }),
    ]);
  });

  it("keeps contacts apart", async () => {
    const { assistant, sns, heard } = adviceLab();
    await assistant.notify(sns.notification(chatMessage("one")));
    const other = chatMessage("two", { ContactId: "c2" });
    await assistant.notify(sns.notification(other, { MessageId: "m2" }));
    await settle();
    const texts = heard.flatMap(({ topic, envelope: { event } }) =>
      event.kind === "transcript" ? [`${topic} ${event.text}`] : [],
    );
    expect(texts).toEqual(["assist/c1 one", "assist/c2 two"]);
  });

  it("goes to the model with what was said before, and its failure is told until it is back", async () => {
    const advisor = new ScriptedAdvisor();
    const { assistant, sns, heard, logger } = adviceLab({ advisor });
    const say = async (text: string, serial: number, role = "CUSTOMER"): Promise<void> => {
      const message = chatMessage(text, {
        Id: `i${serial}`,
        ParticipantRole: role,
        ParticipantId: role,
      });
      await assistant.notify(sns.notification(message, { MessageId: `m${serial}` }));
      await settle();
    };
    await say("Hello", 1);
    expect(advisor.asked).toEqual([]);
    await say("Good morning", 2, "AGENT");
    await say("What are your opening hours?", 3);
    expect(advisor.asked.at(-1)).toMatchObject({
      question: "What are your opening hours?",
      history: [
        { role: "customer", text: "Hello" },
        { role: "agent", text: "Good morning" },
      ],
      knowledge: expect.arrayContaining([expect.objectContaining({ uri: "opening-hours.md" })]),
    });
    advisor.outcome = { kind: "failed", failure: "timedOut" };
    await say("When are you open on Sunday?", 4);
    await say("And a piano?", 5);
    advisor.outcome = { kind: "advised", text: "Back.", sources: [] };
    await say("And an organ?", 6);
    const told = heard.flatMap(({ envelope: { event } }) =>
      event.kind === "notice"
        ? [`notice ${event.ok}`]
        : event.kind === "suggestion"
          ? [event.text.slice(0, 16)]
          : [],
    );
    expect(told).toEqual([
      "From the model.",
      "notice false",
      "We are open from",
      "notice true",
      "Back.",
    ]);
    expect(JSON.stringify(logger.lines)).not.toMatch(/opening|piano/);
  });
});

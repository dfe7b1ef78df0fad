/** `trunkline flows` against a stand-in of Amazon Connect: from nothing to published flows, and through every trouble. */
import { afterEach, describe, expect, it } from "vitest";
import type { GatewayError } from "../../src/core/errors.ts";
import { FLOW_TAG } from "../../src/provisioning/connect-instance.ts";
import { awsError } from "../support/aws/aws-stand-in.ts";
import { STAND_IN_INSTANCE_ARN } from "../support/aws/connect-stand-in.ts";
import { cutFrom, refuseNext } from "../support/aws/faults.ts";
import { FlowsBench } from "./support/flows-bench.ts";

/** Some eighty runs, one after the other. */
const CUT_LIMIT_MS = 300_000;
const STREAMS = `mediaStreams: { prefix: live, retentionHours: 24, keyArn: "arn:aws:kms:us-east-1:111122223333:key/k" }`;

const benches: FlowsBench[] = [];

async function bench(...options: ConstructorParameters<typeof FlowsBench>) {
  const started = await new FlowsBench(...options).start();
  started.edit("origins: []", "origins: [https://agents.example.com]");
  started.edit(
    "lambdas: {}",
    'lambdas: { help: "arn:aws:lambda:us-east-1:111122223333:function:help" }',
  );
  started.edit(/# mediaStreams.*/, STREAMS);
  benches.push(started);
  return started;
}

afterEach(async () => {
  for (const each of benches.splice(0)) {
    await each.close();
    expect(each.clock.pending).toBe(0);
  }
});

function isWhole(lab: FlowsBench): boolean {
  const { flows, numbers, queues, origins, integrations, storage, lambdas } = lab.connect;
  const [number] = numbers.values();
  const fallback = [...queues.values()].find(({ name }) => name === "fallback");
  return (
    [...flows.values()].filter(({ content }) => content !== undefined).length === 5 &&
    flows.size === 5 &&
    flows.get(number?.flowId ?? "")?.name === "Trunkline inbound" &&
    fallback?.outbound["OutboundCallerIdName"] === "Trunkline" &&
    origins.size + integrations.length + storage.size + lambdas.size === 4
  );
}

describe("flows publish", () => {
  it("makes all that the file names, with the ARNs of the instance", async () => {
    const lab = await bench({ pageSize: 1 });
    const { code, out } = await lab.flows("publish");
    expect(out).toContain('+ create contact flow "Trunkline inbound" (CONTACT_FLOW)');
    expect(code).toBe(0);
    expect(isWhole(lab)).toBe(true);
    const flows = [...lab.connect.flows.values()];
    const inbound = flows.find(({ name }) => name === "Trunkline inbound");
    const back = flows.find(({ name }) => name === "Trunkline back from AI");
    expect(inbound?.tags).toEqual({ [FLOW_TAG]: "inbound" });
    expect(inbound?.content).toContain(back?.arn);
    expect(inbound?.content).toContain(`${STAND_IN_INSTANCE_ARN}/queue/`);
    expect(inbound?.content).not.toContain("<<");
  });

  it("does nothing the second time, however the service lays the content out", async () => {
    const lab = await bench();
    await lab.flows("publish");
    for (const flow of lab.connect.flows.values()) {
      const { Version, StartAction, Actions } = JSON.parse(flow.content ?? "{}");
      flow.content = JSON.stringify({ Actions, Metadata: { x: 1 }, StartAction, Version });
    }
    const before = lab.connect.changes;
    const { code, out } = await lab.flows("publish");
    expect(out).toBe("nothing to do: the instance is as it shall be\n");
    expect(code).toBe(0);
    expect(lab.connect.changes).toBe(before);
  });

  it("mends what was changed by hand, and the plan says what", async () => {
    const lab = await bench();
    await lab.flows("publish");
    const flow = [...lab.connect.flows.values()].find(({ name }) => name.endsWith("whisper"));
    if (flow?.content !== undefined) {
      flow.content = flow.content.replace("trunkline_summary", "other");
    }
    for (const number of lab.connect.numbers.values()) {
      number.flowId = flow?.id;
    }
    const before = lab.connect.changes;
    const { out } = await lab.flows("plan");
    expect(out.split("\n")).toEqual([
      '~ publish contact flow "Trunkline agent whisper" from flows/connect/whisper.json',
      "~ lead the number ending in 00 to flow inbound",
      "",
    ]);
    expect(lab.connect.changes).toBe(before);
    await lab.flows("publish");
    expect(flow?.content).toContain("trunkline_summary");
    expect(isWhole(lab)).toBe(true);
  });

  it("shows what the service finds wrong at the line of the block, and goes on with the others", async () => {
    const lab = await bench();
    const problem = { message: "Action whisper: something only the service knows" };
    const answer = awsError(400, "InvalidContactFlowException", "no", { problems: [problem] });
    lab.standIn.faults.push(refuseNext("UpdateContactFlowContent", answer));
    const { code, error } = await lab.flows("publish");
    expect(code).toBe(1);
    expect(error).toContain("FLOW_REFUSED: Amazon Connect does not take contact flow");
    expect(error).toMatch(/ {2}flows\/connect\/\w+\.json:\d+:\d+ {2}Action whisper/);
    const published = [...lab.connect.flows.values()].filter(
      ({ content }) => content !== undefined,
    );
    expect(published).toHaveLength(4);
    expect((await lab.flows("publish")).code).toBe(0);
    expect(isWhole(lab)).toBe(true);
  });

  it("leaves flows of others alone", async () => {
    const lab = await bench();
    lab.connect.flows.set("22222222-2222-3333-4444-555555555555", {
      id: "22222222-2222-3333-4444-555555555555",
      arn: `${STAND_IN_INSTANCE_ARN}/contact-flow/22222222-2222-3333-4444-555555555555`,
      name: "Trunkline inbound",
      type: "CONTACT_FLOW",
      tags: {},
      content: "{}",
      saved: "{}",
    });
    const { code, out } = await lab.flows("publish");
    expect(code).toBe(1);
    expect(out).toContain("the instance has one of this name that is not ours");
    expect(lab.connect.changes).toBe(0);
  });

  it("changes nothing where a template is wrong, a number is not claimed, or a queue is not there", async () => {
    const lab = await bench({ queues: ["agents"], numbers: [] });
    const blocked = await lab.flows("publish");
    expect(blocked.out).toContain('queue "fallback": the instance has none of this name');
    expect(blocked.out).toContain("number ending in 00: it is not claimed");
    lab.files["flows/connect/inbound.json"] = (
      lab.files["flows/connect/inbound.json"] as string
    ).replace('"60"', '"6000"');
    const wrong = await lab.flows("publish");
    expect(wrong.out).toMatch(
      /inbound\.json:\d+:\d+ {2}block "to-gateway", Parameters\.ThirdParty/,
    );
    expect(lab.connect.changes).toBe(0);
  });

  it.each(["before", "after"] as const)(
    "cut off %s any one call goes on from there the next time",
    async (cut) => {
      const whole = await bench();
      await whole.flows("publish");
      const calls = whole.standIn.asked.length;
      for (let position = 1; position <= calls; position += 1) {
        const lab = await bench();
        const fault = cutFrom(position, cut);
        lab.standIn.faults.push(fault);
        const broken = await lab.flows("publish");
        expect((broken.thrown as GatewayError | undefined)?.code).toBe("PROVISION_UNREACHABLE");
        lab.standIn.faults.pop();
        const { code, thrown } = await lab.flows("publish");
        expect(thrown).toBeUndefined();
        expect(code).toBe(0);
        expect(isWhole(lab)).toBe(true);
        await lab.close();
      }
    },
    CUT_LIMIT_MS,
  );
});

describe("connect", () => {
  const base = { json: false } as const;

  it("calls, describes and stops a contact, and lists numbers", async () => {
    const lab = await bench();
    await lab.flows("publish");
    const attribute = [["customerName", "Ada"]] as const;
    const order = {
      ...base,
      action: "call",
      number: "+12065550199",
      flow: "Trunkline outbound",
    } as const;
    const called = await lab.contact({ ...order, queue: "fallback", attribute });
    const contactId = called.out.trim();
    expect(lab.connect.contacts.get(contactId)?.attributes).toEqual({ customerName: "Ada" });
    const shown = await lab.contact({ ...base, action: "describe", contactId, attributes: true });
    expect(shown.out).toMatch(/began by +API\n/);
    expect(shown.out).toMatch(/attribute customerName +Ada\n/);
    expect((await lab.contact({ ...base, action: "stop", contactId })).error).toBe("stopped\n");
    expect((await lab.contact({ ...base, action: "stop", contactId })).error).toContain(
      "over already",
    );
    expect((await lab.contact({ ...base, action: "numbers" })).out).toMatch(
      /^\+12065550100 +DID +US/,
    );
    const noisy = called.error + shown.error;
    expect(noisy).not.toContain("+12065550199");
    expect(noisy).not.toContain("Ada");
  });

  it("says what to do where a queue has no caller id, and which contacts cannot be stopped", async () => {
    const lab = await bench();
    await lab.flows("publish");
    const order = {
      ...base,
      action: "call",
      number: "+12065550199",
      flow: "Trunkline outbound",
    } as const;
    const refused = await lab.contact({ ...order, queue: "agents", attribute: [] });
    expect(String(refused.thrown)).toContain('the queue "agents" has no outbound caller id');
    lab.connect.contacts.set("c2", {
      id: "c2",
      initiation: "QUEUE_TRANSFER",
      attributes: {},
      disconnected: false,
    });
    const kept = await lab.contact({ ...base, action: "stop", contactId: "c2" });
    expect(String(kept.thrown)).toContain("it began by QUEUE_TRANSFER");
    expect(lab.standIn.asked.map(({ operation }) => operation)).not.toContain("StopContact");
  });
});

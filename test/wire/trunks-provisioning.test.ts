/** `trunkline trunks` against a stand-in: from an empty account to a working one, and back, through every trouble. */
import { afterEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { loadTrunks } from "../../src/app/load-trunks.ts";
import { awsError } from "../support/aws/aws-stand-in.ts";
import { type AwsFault, cutFrom, refuseNext } from "../support/aws/faults.ts";
import { memoryFiles } from "../support/memory-files.ts";
import { NOTHING, PASSWORDS, TrunksBench, WHOLE } from "./support/trunks-bench.ts";

const benches: TrunksBench[] = [];
/** Some fifty runs, one after the other. */
const CUT_LIMIT_MS = 300_000;
const QUOTAS = { quotas: { numbers: 20, connectors: 5 } };

async function bench(yaml = WHOLE, options: ConstructorParameters<typeof TrunksBench>[1] = QUOTAS) {
  const started = await new TrunksBench(yaml, options).start();
  benches.push(started);
  return started;
}

afterEach(async () => {
  for (const each of benches.splice(0)) {
    await each.close();
    expect(each.pendingTimers).toBe(0);
  }
});

/** What only looks. */
function isReading({ operation }: { readonly operation: string }): boolean {
  return /^(?:Get|List)/.test(operation);
}

const throttled = awsError(429, "ThrottledClientException", "slow down");

describe("trunks apply", () => {
  it("makes everything in an empty account, and tells the gateway where it is", async () => {
    const lab = await bench();
    const { code, out, error } = await lab.run("trunks apply");
    expect(error).toContain("13 of 13 steps done");
    expect(code).toBe(0);
    expect(out).toMatch(/front-desk {2}.*voiceconnector\.chime\.aws .*\+12065550105 /);
    const [desk, transfer] = [...lab.chime.connectors.all.values()];
    expect(desk?.settings.get("Origination")).toEqual({
      Disabled: false,
      Routes: [
        { Host: "gw.example.com", Port: 5061, Protocol: "TCP", Priority: 1, Weight: 1 },
        { Host: "gw2.example.com", Port: 5061, Protocol: "TCP", Priority: 2, Weight: 1 },
      ],
    });
    expect(desk?.passwords.get("gateway")).toBe(PASSWORDS[0]);
    expect(desk?.tags.get("team")).toBe("voice");
    expect(transfer?.view["IntegrationType"]).toBe("CONNECT_CALL_TRANSFER_CONNECTOR");
    expect(lab.chime.numbers.of(desk?.id ?? "")).toEqual([
      "+12065550105",
      "+14255550100",
      "+14255550101",
    ]);

    const files = memoryFiles(lab.files);
    const environment = { FIRST: PASSWORDS[0], SECOND: PASSWORDS[1] };
    const { config } = loadConfig({ environment: {}, files });
    expect(loadTrunks(config, { environment, files }).trunks[0]).toMatchObject({
      name: "front-desk",
      host: `${desk?.id}.voiceconnector.chime.aws`,
      networks: ["3.80.16.0/23", "2600:f0f0:c040::/48"],
      transport: "tls",
      srtp: "required",
      digest: { outbound: { username: "gateway", password: PASSWORDS[0] } },
    });
  });

  it("does nothing the second time", async () => {
    const lab = await bench();
    await lab.run("trunks apply");
    const before = lab.standIn.asked.length;
    const { code, out } = await lab.run("trunks apply");
    expect(out).toContain("nothing to do: the account is as it shall be");
    expect(code).toBe(0);
    expect(lab.standIn.asked.slice(before).filter((each) => !isReading(each))).toEqual([]);
  });

  it("finds everything again where lists come in small pages", async () => {
    const lab = await bench(WHOLE, { ...QUOTAS, pageSize: 1 });
    await lab.run("trunks apply");
    expect((await lab.run("trunks plan")).out).toContain("nothing to do");
  });

  it("finds what was changed by hand, says it, and mends it", async () => {
    const lab = await bench();
    await lab.run("trunks apply");
    const whole = lab.state();
    const desk = [...lab.chime.connectors.all.values()][0];
    const route = { Host: "evil.example", Port: 5061, Protocol: "TCP", Priority: 1, Weight: 1 };
    desk?.settings.set("Origination", { Routes: [route], Disabled: false });
    desk?.settings.set("LoggingConfiguration", { EnableSIPLogs: true });
    desk?.settings.delete("StreamingConfiguration");
    desk?.tags.delete("team");
    desk?.passwords.delete("second");
    desk?.passwords.set("intruder", "by hand");
    if (desk !== undefined) {
      desk.view["Name"] = "renamed";
    }
    const plan = await lab.run("trunks plan");
    expect(plan.code).toBe(0);
    for (const line of [
      "      name: renamed -> trunkline front-desk",
      "      team: voice",
      "      routes[0].host: evil.example -> gw.example.com",
      "      sip: true -> false",
      "- remove passwords of connector front-desk",
    ]) {
      expect(plan.out).toContain(line);
    }
    expect((await lab.run("trunks apply --yes")).code).toBe(0);
    expect(lab.state()).toEqual(whole);
  });

  it("does not stop for a service that is busy", async () => {
    const lab = await bench();
    lab.standIn.faults.push(
      refuseNext("CreateVoiceConnector", throttled, 3),
      refuseNext("PutVoiceConnectorTermination", throttled, 2),
      refuseNext("CreatePhoneNumberOrder", awsError(500, "ServiceFailureException", "oh"), 2),
      refuseNext("ListTagsForResource", throttled, 5),
    );
    expect((await lab.run("trunks apply")).code).toBe(0);
    const other = await bench();
    await other.run("trunks apply");
    expect(lab.state()).toEqual(other.state());
  });

  it("names each number that the service refuses, and fails, and goes on with the others", async () => {
    const lab = await bench(WHOLE, { ...QUOTAS, unavailable: ["+14255550101"] });
    const { code, error } = await lab.run("trunks apply");
    expect(code).toBe(1);
    expect(error).toContain("+14255550101: the order failed: not in the account");
    expect(lab.chime.numbers.owned.get("+14255550100")?.owner).toBeDefined();
    expect(lab.chime.numbers.owned.get("+18005550100")?.owner).toBeDefined();

    const refusing = await bench();
    const errors = [{ PhoneNumberId: "+12065550105", ErrorCode: "Forbidden", ErrorMessage: "no" }];
    const answer = { status: 200, body: { PhoneNumberErrors: errors } };
    refusing.standIn.faults.push(refuseNext("AssociatePhoneNumbersWithVoiceConnector", answer));
    const partial = await refusing.run("trunks apply");
    expect(partial.code).toBe(1);
    expect(partial.error).toContain("+12065550105: refused: Forbidden");
    expect((await refusing.run("trunks apply")).code).toBe(0);
  });

  it("says which quota is used up, and goes on once it is raised", async () => {
    const lab = await bench(WHOLE, { quotas: { connectors: 1 } });
    const { code, error } = await lab.run("trunks apply");
    expect(code).toBe(1);
    expect(error).toContain(
      "ResourceLimitExceededException: the quota of Voice Connectors is used up",
    );
    expect(error).toContain("apply again when the cause is gone");
  });

  it("changes nothing while something cannot be changed in place", async () => {
    const lab = await bench();
    await lab.run("trunks apply");
    lab.files["sip-config/trunks.yaml"] = WHOLE.replace("encryption: false", "network: dualStack");
    const before = lab.standIn.asked.length;
    const { code, out, error } = await lab.run("trunks apply --yes");
    expect(code).toBe(1);
    expect(out).toContain("network is ipv4, wanted dualStack: that cannot be changed in place");
    expect(error).toContain("nothing was changed: something stands in the way");
    expect(lab.standIn.asked.slice(before).every(isReading)).toBe(true);
  });

  it("leaves alone what others made, even under the same name", async () => {
    const lab = await bench();
    const theirs = lab.chime.connectors.create({
      Name: "trunkline front-desk",
      RequireEncryption: true,
    });
    theirs.tags.set("trunkline:deployment", "another");
    const before = structuredClone(theirs.view);
    await lab.run("trunks apply");
    expect(lab.chime.connectors.all.size).toBe(3);
    await lab.run("trunks destroy --yes");
    expect([...lab.chime.connectors.all.values()].map(({ view }) => view)).toEqual([before]);
  });

  it("puts passwords again when they are rotated, and only then", async () => {
    const lab = await bench();
    await lab.run("trunks apply");
    const desk = [...lab.chime.connectors.all.values()][0];
    desk?.passwords.set("gateway", "changed by hand");
    expect((await lab.run("trunks plan")).out).toContain("nothing to do");
    expect((await lab.run("trunks apply --rotate")).code).toBe(0);
    expect(desk?.passwords.get("gateway")).toBe(PASSWORDS[0]);
  });
});

/** The last call that reaches the service is the one before, or the one at the position: then nobody asks any more. */
function cutForGood(position: number, cut: "before" | "after"): readonly AwsFault[] {
  const at = { hits: (candidate: { position: number }) => candidate.position === position, cut };
  return [at, cutFrom(position, "before")];
}

/** What a provisioning asks, and what it leaves behind, when nothing goes wrong. */
async function undisturbed() {
  const clean = await bench();
  expect(await clean.converge()).toBe(true);
  return { asked: [...clean.standIn.asked], state: clean.state() };
}

describe("trunks apply, cut off", () => {
  it.each(["before", "after"] as const)(
    "for good, %s any single call is carried out, is finished by the next apply",
    async (cut) => {
      const whole = await undisturbed();
      expect(whole.asked.length).toBeGreaterThan(30);
      for (const [index, { operation }] of whole.asked.entries()) {
        const lab = await bench();
        lab.standIn.faults.push(...cutForGood(index + 1, cut));
        const first = await lab.converge();
        lab.standIn.faults.length = 0;
        const second = await lab.converge();
        const where = `${cut} call ${index + 1}, ${operation}`;
        expect([first, second, lab.state()], where).toEqual([false, true, whole.state]);
        await lab.close();
      }
    },
    CUT_LIMIT_MS,
  );

  it.each(["before", "after"] as const)(
    "once, %s any single change is carried out, goes on by itself",
    async (cut) => {
      const whole = await undisturbed();
      for (const [index, asked] of whole.asked.entries()) {
        if (isReading(asked)) {
          continue;
        }
        const lab = await bench();
        lab.standIn.faults.push({ hits: ({ position }) => position === index + 1, cut });
        const where = `${cut} call ${index + 1}, ${asked.operation}`;
        expect([await lab.converge(), lab.state()], where).toEqual([true, whole.state]);
        await lab.close();
      }
    },
    CUT_LIMIT_MS,
  );

  it("puts passwords again where their fingerprint was not written any more", async () => {
    const whole = await undisturbed();
    const tagging = whole.asked.findIndex(({ operation }) => operation === "TagResource");
    const lab = await bench();
    lab.standIn.faults.push(cutFrom(tagging + 1, "before"));
    await lab.converge();
    lab.standIn.faults.length = 0;
    expect((await lab.run("trunks plan")).out).toContain("set passwords of connector front-desk");
  });
});

describe("trunks destroy", () => {
  it("asks, does nothing without a yes, and then takes away only what is ours", async () => {
    const lab = await bench();
    lab.chime.numbers.own("+12125550199");
    const theirs = lab.chime.connectors.create({ Name: "theirs", RequireEncryption: false });
    await lab.run("trunks apply");
    const whole = lab.state();

    const alone = await lab.run("trunks destroy");
    expect([alone.code, alone.asked]).toEqual([1, []]);
    expect(alone.error).toContain("repeat with --yes");
    const no = await lab.run("trunks destroy", "no");
    expect([no.code, no.asked.length]).toEqual([1, 1]);
    expect(lab.state()).toEqual(whole);

    const yes = await lab.run("trunks destroy", "yes");
    expect(yes.code).toBe(0);
    expect(yes.out).toContain("4 numbers that were ordered stay in the account");
    expect([...lab.chime.connectors.all.keys()]).toEqual([theirs.id]);
    expect(lab.chime.connectors.groups.size).toBe(0);
    expect(lab.chime.numbers.owned.size).toBe(5);

    expect((await lab.run("trunks destroy --yes --release-numbers")).code).toBe(0);
    expect([...lab.chime.numbers.owned.keys()]).toEqual(["+12125550199"]);
  });

  it(
    "cut off at any single call is finished by the next one",
    async () => {
      const clean = await bench();
      await clean.converge();
      const before = clean.standIn.asked.length;
      await clean.converge(NOTHING);
      const calls = clean.standIn.asked.length - before;
      expect(calls).toBeGreaterThan(10);
      for (let position = 1; position <= calls; position += 1) {
        const lab = await bench();
        await lab.converge();
        const cut = position % 2 === 0 ? "before" : "after";
        lab.standIn.faults.push(...cutForGood(before + position, cut));
        await lab.converge(NOTHING);
        lab.standIn.faults.length = 0;
        expect([await lab.converge(NOTHING), lab.state()]).toEqual([true, clean.state()]);
        await lab.close();
      }
    },
    CUT_LIMIT_MS,
  );
});

describe("the trunk commands", () => {
  it("never show a password, in words or as data, also when the service repeats it", async () => {
    const lab = await bench();
    const repeat = awsError(400, "BadRequestException", `value '${PASSWORDS[1]}' is too long`);
    lab.standIn.faults.push(refuseNext("PutVoiceConnectorTerminationCredentials", repeat));
    const shown: string[] = [];
    for (const args of [
      "trunks plan",
      "trunks apply",
      "trunks apply --json",
      "trunks apply --rotate",
      "trunks show",
      "trunks show --json",
      "trunks plan --rotate --json",
      "trunks destroy",
      "trunks destroy --yes --json",
    ]) {
      const { out, error } = await lab.run(args);
      shown.push(out, error);
    }
    const all = [...shown, lab.files["sip-config/trunks.connectors.yaml"]].join("\n");
    expect(all).toContain("value '[secret]' is too long");
    for (const password of PASSWORDS) {
      expect(all).not.toContain(password);
    }
  });

  it("print data that programs read", async () => {
    const lab = await bench();
    const plan = JSON.parse((await lab.run("trunks plan --json")).out);
    expect(plan.steps[0]).toMatchObject({ kind: "createConnector", key: "front-desk" });
    const apply = JSON.parse((await lab.run("trunks apply --json")).out);
    expect(apply).toMatchObject({ done: 13, failures: [], stoppedBecause: null });
    const { connectors } = JSON.parse((await lab.run("trunks show --json")).out);
    expect(connectors[0]).toMatchObject({ key: "front-desk", region: "us-east-1" });
    expect(JSON.parse((await lab.run("trunks numbers 206 --json")).out)[0]).toBe("+12065550100");
  });

  it("write the file of connectors anew when it is lost", async () => {
    const lab = await bench();
    await lab.run("trunks apply");
    const file = "sip-config/trunks.connectors.yaml";
    const text = lab.files[file];
    delete lab.files[file];
    expect((await lab.run("check-config")).error).toContain("run trunkline trunks apply");
    await lab.run("trunks show --write");
    expect(lab.files[file]).toBe(text);
    expect((await lab.run("check-config")).code).toBe(0);
  });

  it("say that there is nothing to provision", async () => {
    const lab = await bench("[]");
    const { code, error } = await lab.run("trunks plan");
    expect(code).toBe(2);
    expect(error).toContain("sip-config/trunks.yaml  has no part `provision`");
  });
});

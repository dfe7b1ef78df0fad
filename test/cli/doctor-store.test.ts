/** What `trunkline doctor` says of a store in PostgreSQL. */
import { expect, it } from "vitest";
import { LEAST_FILES, runCli } from "../support/cli-bench.ts";

async function storeChecks(connect: () => Promise<string | undefined>, writable = true) {
  const yaml = "store: { kind: postgres, url: 'postgres://gw:top-secret@db.example:5433/calls' }\n";
  const { code, out } = await runCli(["doctor", "--json"], {
    files: { ...LEAST_FILES, "gateway.yaml": yaml },
    machine: { connect, isWritable: () => writable },
  });
  expect(out).not.toContain("top-secret");
  const { checks } = JSON.parse(out) as {
    checks: { name: string; level: string; finding: string }[];
  };
  return { code, checks: checks.filter(({ name }) => name.startsWith("store")) };
}

it("says that PostgreSQL answers, and that the spool can be written", async () => {
  const { code, checks } = await storeChecks(async () => undefined);
  expect(code).toBe(0);
  expect(checks.map(({ name, level }) => `${name} ${level}`)).toEqual([
    "store ok",
    "store spool ok",
  ]);
  expect(checks[0]?.finding).toBe("db.example:5433 answers");
});

it("warns where PostgreSQL is not reached: records wait on this machine", async () => {
  const { code, checks } = await storeChecks(async () => "ECONNREFUSED");
  expect(code).toBe(0);
  expect(checks[0]).toMatchObject({ level: "warn" });
  expect(checks[0]?.finding).toContain("(ECONNREFUSED): call records wait in");
});

it("fails where neither can be relied on", async () => {
  const { code, checks } = await storeChecks(async () => "ECONNREFUSED", false);
  expect(code).toBe(1);
  expect(checks[1]).toMatchObject({ level: "fail" });
});

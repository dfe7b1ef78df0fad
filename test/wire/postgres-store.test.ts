/** The call store in a real PostgreSQL: the contract, several gateways on one database, and a server that goes away. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { PostgresStore } from "../../src/store/postgres-store.ts";
import { DiskSpoolFile } from "../../src/store/spool-file.ts";
import { SpoolingStore } from "../../src/store/spooling-store.ts";
import { callStoreContract } from "../contract/call-store.ts";
import { callRecord } from "../support/call-records.ts";
import { findPostgres, PostgresServer } from "../support/postgres-server.ts";
import { RecordingMetrics } from "../support/recording-metrics.ts";

const programs = findPostgres();
if (programs === undefined) {
  console.log("left out: the store in PostgreSQL: postgresql is not installed");
}

describe.skipIf(programs === undefined)("with a real PostgreSQL", () => {
  const server = new PostgresServer(programs ?? "");
  let serial = 0;

  beforeAll(() => server.start());
  afterAll(() => server.remove());

  function newDatabase(): string {
    serial += 1;
    server.sql("postgres", `create database calls_${serial}`);
    return `calls_${serial}`;
  }

  const storeIn = (database: string, password?: string): PostgresStore =>
    new PostgresStore({
      url: server.url(database, password),
      timeoutMs: 3000,
      logger: silentLogger,
    });

  callStoreContract("PostgresStore", () => Promise.resolve(storeIn(newDatabase())));

  it("lets several gateways start at once on an empty database, and share what they save", async () => {
    const database = newDatabase();
    const stores = [storeIn(database), storeIn(database), storeIn(database)];
    await Promise.all(stores.map((store) => store.open()));
    await stores[0]?.saveCall(callRecord("a"));
    expect(await stores[2]?.findCall(callRecord("a").callId)).toEqual(callRecord("a"));
    await Promise.all(stores.map((store) => store.close()));
  });

  it("leaves out a row that cannot be read, and shows the others", async () => {
    const database = newDatabase();
    const store = storeIn(database);
    await store.open();
    await store.saveCall(callRecord("a"));
    await store.saveCall(callRecord("b"));
    server.sql(
      database,
      "update calls set record = '{' where call_id = 'b'".replace(
        "'b'",
        `'${callRecord("b").callId}'`,
      ),
    );
    const { records } = await store.listCalls({}, 10);
    expect(records.map(({ callId }) => callId)).toEqual([callRecord("a").callId]);
    expect(store.toJSON()["unreadable"]).toBe(1);
    await store.close();
  });

  it("says in words what is wrong, and never the password", async () => {
    const cases = [
      [storeIn("postgres", "wrong-password"), "user or password"],
      [storeIn("nowhere"), "there is no such database"],
    ] as const;
    for (const [store, words] of cases) {
      const error = await store.open().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(GatewayError);
      const told = JSON.stringify([
        (error as GatewayError).message,
        (error as GatewayError).details,
      ]);
      expect(told).toContain(words);
      expect(told + JSON.stringify(store.toJSON())).not.toContain("password@");
      expect(told).not.toMatch(/wrong-password|correct-horse/);
    }
  });

  it("loses no record while the server is away, killed in the middle, and back", async () => {
    const database = newDatabase();
    const folder = mkdtempSync(join(tmpdir(), "trunkline-spool-"));
    const clock = new SystemClock();
    const down: boolean[] = [];
    const store = new SpoolingStore({
      inner: storeIn(database),
      spoolFile: new DiskSpoolFile(join(folder, "calls.spool")),
      clock,
      logger: silentLogger,
      metrics: new RecordingMetrics(),
      maxInMemory: 10,
      firstRetryMs: 100,
      maxRetryMs: 200,
      onChange: (isDown) => down.push(isDown),
    });
    await store.open();
    await store.saveCall(callRecord("before"));
    await server.stop("kill");
    for (let index = 0; index < 40; index += 1) {
      await store.saveCall(callRecord(`away-${index}`));
    }
    await expect(store.listCalls({}, 10)).rejects.toThrow(/STORE_FAILED|call store/);
    expect(down).toContain(true);
    await server.start();
    const deadline = Date.now() + 20_000;
    while (server.sql(database, "select count(*) from calls") !== "41" && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(server.sql(database, "select count(*) from calls")).toBe("41");
    expect(down.at(-1)).toBe(false);
    await store.close();
    rmSync(folder, { recursive: true });
  });
});

/** The SQLite store and the spool file on a real disk. */
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { DiskSpoolFile } from "../../src/store/spool-file.ts";
import { SqliteStore } from "../../src/store/sqlite-store.ts";
import { callStoreContract } from "../contract/call-store.ts";
import { callRecord, STARTED_AT_MS } from "../support/call-records.ts";

let folder: string;
let serial = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "trunkline-store-"));
});

afterAll(() => rm(folder, { recursive: true }));

function storeAt(path: string): SqliteStore {
  return new SqliteStore({ path, busyTimeoutMs: 50, logger: silentLogger });
}

function newPath(): string {
  serial += 1;
  return join(folder, `deep/${serial}/calls.db`);
}

callStoreContract("SqliteStore", () => Promise.resolve(storeAt(newPath())));

/** Runs SQL on a database nobody has open. */
function runSql(path: string, sql: string): void {
  const code = `const D=require("libsql");const d=new D(process.argv[1]);d.exec(process.argv[2]);d.close()`;
  const { status, stderr } = spawnSync(process.execPath, ["-e", code, path, sql]);
  expect([status, stderr.toString()]).toEqual([0, ""]);
}

/** True, with a printed reason, for the one user whom no folder refuses. */
function isRoot(): boolean {
  const root = process.getuid?.() === 0;
  if (root) {
    console.log("left out: root may write to any folder");
  }
  return root;
}

describe("the SQLite store", () => {
  it("finds its records again after it was closed and opened", async () => {
    const path = newPath();
    const first = storeAt(path);
    await first.open();
    await first.saveCall(callRecord("a"));
    await first.close();
    const second = storeAt(path);
    await second.open();
    expect(await second.findCall(callRecord("a").callId)).toEqual(callRecord("a"));
    await second.close();
  });

  it("makes the file readable by its owner only", async () => {
    const path = newPath();
    const store = storeAt(path);
    await store.open();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("refuses a file that another process uses, and says so", async () => {
    const path = newPath();
    const store = storeAt(path);
    await store.open();
    const code = `
      import { SqliteStore } from ${JSON.stringify(new URL("../../src/store/sqlite-store.ts", import.meta.url).pathname)};
      const store = new SqliteStore({ path: ${JSON.stringify(path)}, busyTimeoutMs: 50 });
      await store.open().catch((error) => process.stdout.write(error.message));`;
    const child = spawnSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "-e", code],
      { cwd: process.cwd() },
    );
    await store.close();
    expect(child.stdout.toString()).toContain("another process uses this file");
    expect(child.stdout.toString()).toContain("SQLITE_BUSY");
  });

  it.each([
    [
      "a file that is no database",
      "x".repeat(8192),
      "not a usable SQLite database",
      "SQLITE_NOTADB",
    ],
  ])("refuses %s, and says what to do", async (_, content, reason, cause) => {
    const path = join(folder, "broken.db");
    await writeFile(path, content);
    await expect(storeAt(path).open()).rejects.toMatchObject({
      code: "STORE_FAILED",
      details: { path, cause, reason: expect.stringContaining(reason) },
    });
    expect(await readFile(path, "utf8")).toBe(content);
  });

  it("refuses a folder, and a path below a file", async () => {
    const asFolder = join(folder, "folder.db");
    await mkdir(asFolder);
    await writeFile(join(folder, "plain"), "");
    for (const [path, cause] of [
      [asFolder, "EISDIR"],
      [join(folder, "plain", "calls.db"), expect.stringMatching(/^E(NOTDIR|EXIST)$/)],
    ] as const) {
      await expect(storeAt(path).open()).rejects.toMatchObject({
        code: "STORE_FAILED",
        details: { path, cause, reason: "the path is not a file in a folder" },
      });
    }
  });

  it.skipIf(isRoot())("refuses a folder it may not write", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed);
    await chmod(closed, 0o500);
    await expect(storeAt(join(closed, "calls.db")).open()).rejects.toMatchObject({
      details: { cause: "EACCES" },
    });
  });

  it("refuses a file of a newer version", async () => {
    const path = newPath();
    const store = storeAt(path);
    await store.open();
    await store.close();
    runSql(path, "insert into kysely_migration values ('999-later', '2030-01-01')");
    await expect(storeAt(path).open()).rejects.toMatchObject({
      details: { reason: expect.stringContaining("newer version") },
    });
  });

  it("can be opened after what was in the way is gone", async () => {
    const path = join(folder, "later.db");
    await mkdir(path);
    const store = storeAt(path);
    await expect(store.open()).rejects.toMatchObject({ code: "STORE_FAILED" });
    await rm(path, { recursive: true });
    await store.open();
    await store.saveCall(callRecord("a"));
    await store.close();
  });

  it("saves nothing where nobody would find it when its file was moved, and goes on when it is back", async () => {
    const path = newPath();
    const store = storeAt(path);
    await store.open();
    await store.saveCall(callRecord("a"));
    await rename(path, `${path}.aside`);
    await mkdir(path);
    for (const id of ["b", "c"]) {
      await expect(store.saveCall(callRecord(id))).rejects.toMatchObject({ code: "STORE_FAILED" });
    }
    await rm(path, { recursive: true });
    await rename(`${path}.aside`, path);
    await Promise.all(["b", "c"].map((id) => store.saveCall(callRecord(id))));
    const { records } = await store.listCalls({}, 10);
    expect(records.map(({ callId }) => callId).sort()).toEqual(["a", "b", "c"]);
    await store.close();
  });

  it("makes a new file when its own was deleted, also for records that come at once", async () => {
    const path = newPath();
    const store = storeAt(path);
    await store.open();
    await rm(path);
    await Promise.all(["a", "b", "c"].map((id) => store.saveCall(callRecord(id))));
    expect((await store.listCalls({}, 10)).records).toHaveLength(3);
    await store.close();
    await store.open();
    expect((await store.listCalls({}, 10)).records).toHaveLength(3);
    await store.close();
  });

  it("leaves out a record that cannot be read, and pages on", async () => {
    const path = newPath();
    const store = storeAt(path);
    await store.open();
    for (const [index, id] of ["a", "b", "c"].entries()) {
      await store.saveCall(callRecord(id, { startedAtMs: STARTED_AT_MS + index }));
    }
    await store.close();
    runSql(path, `update calls set record = '{"callId":1}' where call_id = 'b'`);
    await store.open();
    const first = await store.listCalls({}, 2);
    const second = await store.listCalls({}, 2, first.nextCursor);
    expect([...first.records, ...second.records].map(({ callId }) => callId)).toEqual(["c", "a"]);
    expect(store.toJSON()).toMatchObject({ unreadable: 1 });
    await expect(store.findCall(callRecord("b").callId)).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
    await store.close();
  });

  it("says that it is not open, instead of failing inside", async () => {
    await expect(storeAt(newPath()).saveCall(callRecord("a"))).rejects.toMatchObject({
      code: "STORE_FAILED",
      details: { reason: "the store is not open" },
    });
  });
});

describe("the spool file", () => {
  async function linesOf(file: DiskSpoolFile): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of file.lines()) {
      lines.push(line);
    }
    return lines;
  }

  it("keeps lines in order over a restart, and is gone when it is emptied", async () => {
    const path = join(folder, "spool", "calls.spool");
    expect(await linesOf(new DiskSpoolFile(path))).toEqual([]);
    await new DiskSpoolFile(path).append("1");
    const file = new DiskSpoolFile(path);
    await file.append("2");
    await file.append("3");
    expect(await linesOf(file)).toEqual(["1", "2", "3"]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await file.clear();
    expect(await linesOf(file)).toEqual([]);
  });

  it("begins a new line after one that was cut short by a crash", async () => {
    const path = join(folder, "ragged.spool");
    await writeFile(path, '{"a":1}\n{"b"');
    const file = new DiskSpoolFile(path);
    await file.append('{"c":1}');
    expect(await linesOf(file)).toEqual(['{"a":1}', '{"b"', '{"c":1}']);
  });

  it("can be left in the middle of reading", async () => {
    const file = new DiskSpoolFile(join(folder, "left.spool"));
    await file.append("1");
    await file.append("2");
    for await (const line of file.lines()) {
      expect(line).toBe("1");
      break;
    }
    expect(await linesOf(file)).toEqual(["1", "2"]);
  });
});

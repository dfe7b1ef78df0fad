/** Recordings with keys of KMS and uploads to S3, over real HTTP against stand-ins, with what goes wrong on the way. */
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import { SystemClock, sleep } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { decryptRecording } from "../../src/recordings/decrypt-recording.ts";
import { FileRecordingStore } from "../../src/recordings/file-recording-store.ts";
import { KmsKeys } from "../../src/recordings/kms-keys.ts";
import { FolderDisk } from "../../src/recordings/recording-disk.ts";
import { RecordingKeys } from "../../src/recordings/recording-keys.ts";
import { S3Uploader } from "../../src/recordings/s3-uploader.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { KmsStandIn } from "../support/aws/kms-stand-in.ts";
import { S3StandIn, xmlError } from "../support/aws/s3-stand-in.ts";
import { channelsOf, PLAN } from "../support/recording-lab.ts";
import { RecordingMetrics } from "../support/recording-metrics.ts";
import { toneHz, tonesIn } from "../support/tones.ts";
import { eventually } from "./support/waiting.ts";

let aws: AwsStandIn;
let s3: S3StandIn;
let folder: string;
const clock = new SystemClock();

beforeEach(async () => {
  s3 = new S3StandIn();
  aws = await startAwsStandIn({ port: 0, services: [s3, new KmsStandIn()] });
  folder = mkdtempSync(join(tmpdir(), "recordings-"));
});

afterEach(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
  expect(clock.pending).toBe(0);
});

const access = () => ({ region: "us-east-1", endpoint: aws.endpoint });
const keysOfKms = () => new RecordingKeys([], new KmsKeys(access(), "alias/recordings"));

function openStore(keys: RecordingKeys, deleteUploaded = false) {
  const disk = new FolderDisk(folder);
  const uploader = new S3Uploader({
    access: access(),
    disk,
    bucket: "calls",
    prefix: "t/",
    storageClass: "STANDARD_IA",
  });
  const metrics = new RecordingMetrics();
  const store = new FileRecordingStore({
    clock,
    random: systemRandom,
    logger: silentLogger,
    metrics,
    disk,
    keys,
    uploader,
    deleteUploaded,
    format: "pcm16",
    queueMs: 5000,
    keepDays: undefined,
  });
  return { store, metrics, disk };
}

/** A second of a tone, as a call would bring it. */
async function record(store: FileRecordingStore) {
  const recording = store.open(PLAN, { onTrouble: () => undefined });
  const source = store.openSource(PLAN.recordingId, "left");
  const frame = new Int16Array(160);
  fillSine(frame, 8000, toneHz(5), 8000, 0);
  for (let sent = 0; sent < 50; sent += 1) {
    await sleep(clock, 20);
    source?.onFrame(frame, 160);
  }
  return await recording.finish();
}

it("uploads a recording with its checksum and its sidecar, after a refusal, and removes it where that is wanted", async () => {
  aws.faults.push(refuseNext("PutObject", xmlError(503, "SlowDown")));
  const { store, metrics } = openStore(new RecordingKeys([], undefined), true);
  const { file, uri, sha256 } = await record(store);
  expect(uri).toBe(`s3://calls/t/${file}`);
  const path = `calls/t/${file}`;
  const json = await eventually("the upload", () => s3.objects.get(path.replace(".wav", ".json")));
  const object = s3.objects.get(path);
  expect(
    createHash("sha256")
      .update(object?.body ?? "")
      .digest("hex"),
  ).toBe(sha256);
  expect(object?.headers["x-amz-checksum-sha256"]).toBeDefined();
  expect(object?.headers["x-amz-storage-class"]).toBe("STANDARD_IA");
  expect(tonesIn(channelsOf(object?.body ?? new Uint8Array()).left, 8000)).toEqual([5]);
  expect(JSON.parse(json.body.toString("utf8"))).toMatchObject({ callId: "call-1", sha256 });
  await eventually("the folder", () => (existsSync(join(folder, file)) ? undefined : true));
  expect(metrics.total("trunkline_recording_uploads_total", { outcome: "failed" })).toBe(1);
  await store.close();
});

it("uploads after a restart what a process with a broken network left", async () => {
  aws.faults.push({ hits: ({ operation }) => operation === "PutObject", cut: "before" });
  const first = openStore(new RecordingKeys([], undefined));
  const { file } = await record(first.store);
  await eventually("an attempt", () => (aws.asked.length > 0 ? true : undefined));
  await first.store.close();
  expect(s3.objects.size).toBe(0);
  aws.faults.length = 0;
  const second = openStore(new RecordingKeys([], undefined));
  await second.store.start();
  await eventually("the upload", () => s3.objects.get(`calls/t/${file}`));
  const sidecar = join(folder, file.replace(".wav", ".json"));
  await eventually("the note of it", () =>
    readFileSync(sidecar, "utf8").includes('"done"') ? true : undefined,
  );
  await second.store.close();
  expect(existsSync(join(folder, file))).toBe(true);
});

it("encrypts with a key of KMS, which waits for a service that is busy, and opens it by KMS alone", async () => {
  const busy = { status: 500, body: { __type: "KMSInternalException", message: "busy" } };
  aws.faults.push(refuseNext("GenerateDataKey", busy, 3));
  const { store, disk } = openStore(keysOfKms());
  const summary = await record(store);
  expect(summary).toMatchObject({ state: "finished", droppedMs: 0 });
  expect(summary.keyId).toMatch(/^arn:aws:kms:/);
  const keys = keysOfKms();
  const input = await disk.open(summary.file, "read");
  const output = await disk.create("out.wav");
  await decryptRecording(input, output, keys);
  await Promise.all([input.close(), output.close()]);
  expect(tonesIn(channelsOf(readFileSync(join(folder, "out.wav"))).left, 8000)).toEqual([5]);
  const again = await disk.open(summary.file, "read");
  const nothing = await disk.create("no.wav");
  aws.faults.push(
    refuseNext("Decrypt", {
      status: 400,
      headers: { "x-amzn-errortype": "AccessDeniedException" },
      body: { __type: "AccessDeniedException", message: "no" },
    }),
  );
  await expect(decryptRecording(again, nothing, keys)).rejects.toMatchObject({
    code: "RECORDING_KEY_UNAVAILABLE",
    details: { reason: "AccessDeniedException" },
  });
  await Promise.all([again.close(), nothing.close()]);
  keys.close();
  await store.close();
});

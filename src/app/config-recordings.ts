/** Settings of recordings: where they lie, how they are encrypted, where they are uploaded to, how long they stay. */
import { z } from "zod";
import { count, filePath, secret } from "./config-values.ts";

const KEY_BYTES = 32;

/** Exactly 32 bytes, as base64 without tricks. */
function isKey(text: string): boolean {
  const bytes = Buffer.from(text, "base64");
  return bytes.length === KEY_BYTES && bytes.toString("base64") === text;
}

const encryptionSchema = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        id: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,64}$/, "1 to 64 letters, digits, dots, _ and -")
          .describe("Stands in the files that it encrypts."),
        key: secret()
          .refine(isKey, "expected 32 bytes as base64, as of `openssl rand -base64 32`")
          .describe("32 bytes as base64, as of `openssl rand -base64 32`; secret."),
      }),
    )
    .max(100)
    .superRefine((keys, context) => {
      keys.forEach(({ id }, index) => {
        if (keys.findIndex((other) => other.id === id) < index) {
          const message = "is the name of another key";
          context.addIssue({ code: "custom", path: [index, "id"], message });
        }
      });
    })
    .default([])
    .describe("The first one encrypts new recordings, all open old ones; []: plain files."),
  kmsKeyId: z
    .string()
    .min(1)
    .max(2048)
    .optional()
    .describe("Id, ARN or alias of a key of AWS KMS that wraps a key for each new recording."),
});

const s3Schema = z.strictObject({
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "the name of a bucket")
    .describe("The bucket; in the region of aws.region."),
  prefix: z
    .string()
    .max(512)
    .regex(/^(?:|[A-Za-z0-9!_.*'()-][A-Za-z0-9!_.*'()/-]*\/)$/, "empty, or a path that ends with /")
    .default("")
    .describe("Before the name of each file, with its slash."),
  storageClass: z
    .enum(["STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"])
    .optional()
    .describe("Absent: as S3 has it."),
  serverSideEncryption: z
    .enum(["AES256", "aws:kms"])
    .optional()
    .describe("By S3, beside ours; absent: as the bucket says."),
  kmsKeyId: z.string().min(1).max(2048).optional().describe("Of aws:kms; absent: the bucket's."),
  deleteLocal: z.boolean().default(false).describe("true: what was uploaded goes from the folder."),
});

/** What is the same for all recordings; flows say which calls are recorded. */
export const recordingsSchema = z.strictObject({
  folder: filePath()
    .default("./data/recordings")
    .describe("Where recordings lie, a folder for each day; of one gateway only."),
  format: z
    .enum(["pcm16", "mulaw"])
    .default("pcm16")
    .describe("Of the WAV files: pcm16, 115 MB an hour; mulaw, half of it."),
  queueSeconds: count(1, 60)
    .default(5)
    .describe("Seconds of audio of a call that wait for a slow disk; more becomes silence."),
  keepDays: count(1, 3650)
    .optional()
    .describe("Days after which a recording is removed from the folder; absent: never."),
  encryption: encryptionSchema.prefault({}).describe("AES-256-GCM before it touches the disk."),
  s3: s3Schema.optional().describe("Where recordings are uploaded to; absent: nowhere."),
});

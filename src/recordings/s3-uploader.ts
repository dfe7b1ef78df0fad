/** Uploads recordings to Amazon S3, or to a service that speaks its protocol. */
import { createReadStream } from "node:fs";
import { PutObjectCommand, type PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { type AwsAccess, awsClientOptions, isStandIn } from "../core/aws-access.ts";
import { GatewayError } from "../core/errors.ts";
import type { RecordingDisk } from "./recording-disk.ts";
import { type RecordingSidecar, sidecarOf } from "./recording-sidecar.ts";
import type { RecordingUploader } from "./upload-queue.ts";

/** Where to, and how they are kept there. */
export interface S3UploaderOptions {
  readonly access: AwsAccess;
  readonly disk: RecordingDisk;
  readonly bucket: string;
  /** Before the name of the file; with its slash. */
  readonly prefix: string;
  /** Absent: as the bucket says. */
  readonly storageClass?: PutObjectCommandInput["StorageClass"];
  readonly serverSideEncryption?: PutObjectCommandInput["ServerSideEncryption"];
  /** Of the encryption by S3; absent: the bucket's. */
  readonly kmsKeyId?: string | undefined;
}

/** A file passes through memory in pieces of this size. */
const PIECE_BYTES = 65_536;
const TYPES: readonly (readonly [string, string])[] = [
  [".wav", "audio/wav"],
  [".json", "application/json"],
];

/** One request per file; retries are the caller's. */
export class S3Uploader implements RecordingUploader {
  readonly #options: S3UploaderOptions;
  readonly #client: S3Client;

  constructor(options: S3UploaderOptions) {
    this.#options = options;
    const { access } = options;
    this.#client = new S3Client({
      ...awsClientOptions(access),
      maxAttempts: 1,
      forcePathStyle: isStandIn(access.endpoint),
      // What is sent has its SHA-256 already; no other checksum is added to the stream.
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
  }

  uriOf(file: string): string {
    return `s3://${this.#options.bucket}/${this.#options.prefix}${file}`;
  }

  /** The recording, then its sidecar, so that a sidecar is the sign of a whole recording. */
  async upload(sidecar: RecordingSidecar, signal: AbortSignal): Promise<void> {
    const { file, sha256, bytes } = sidecar;
    const { disk } = this.#options;
    try {
      const entry = await disk.find(file);
      if (entry === undefined || entry.bytes !== bytes || sha256 === undefined) {
        throw new Error("the file is not as long as its sidecar says");
      }
      const body = createReadStream(disk.pathOf(file), { highWaterMark: PIECE_BYTES });
      try {
        const checksum = Buffer.from(sha256, "hex").toString("base64");
        await this.#put(
          file,
          { Body: body, ContentLength: bytes, ChecksumSHA256: checksum },
          signal,
        );
      } finally {
        body.destroy();
      }
      const text = Buffer.from(await disk.readText(sidecarOf(file)), "utf8");
      await this.#put(sidecarOf(file), { Body: text, ContentLength: text.length }, signal);
    } catch (error) {
      const { name, $metadata } = error as {
        readonly name?: string;
        readonly $metadata?: { readonly httpStatusCode?: number };
      };
      const details = { reason: name ?? "unknown", status: $metadata?.httpStatusCode ?? "none" };
      throw new GatewayError("RECORDING_UPLOAD_FAILED", details, { cause: error });
    }
  }

  close(): void {
    this.#client.destroy();
  }

  async #put(
    file: string,
    content: Pick<PutObjectCommandInput, "Body" | "ContentLength" | "ChecksumSHA256">,
    signal: AbortSignal,
  ): Promise<void> {
    const { bucket, prefix, storageClass, serverSideEncryption, kmsKeyId } = this.#options;
    const type = TYPES.find(([ending]) => file.endsWith(ending))?.[1] ?? "application/octet-stream";
    const command = new PutObjectCommand({
      Bucket: bucket,
      Key: `${prefix}${file}`,
      ContentType: type,
      ...(storageClass === undefined ? {} : { StorageClass: storageClass }),
      ...(serverSideEncryption === undefined ? {} : { ServerSideEncryption: serverSideEncryption }),
      ...(kmsKeyId === undefined ? {} : { SSEKMSKeyId: kmsKeyId }),
      ...content,
    });
    await this.#client.send(command, { abortSignal: signal });
  }
}

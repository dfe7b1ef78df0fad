/** A stand-in for AWS KMS: makes keys, wraps them so that it alone can unwrap them, and minds the encryption context. */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { type AwsRequest, type AwsServiceStandIn, awsError } from "./aws-stand-in.ts";

interface KmsInput {
  readonly KeyId?: string;
  readonly CiphertextBlob?: string;
  readonly EncryptionContext?: Readonly<Record<string, string>>;
}

/** Knows one key. */
export class KmsStandIn implements AwsServiceStandIn {
  readonly service = "kms";
  readonly arn: string;
  readonly #alias: string;
  readonly #master = randomBytes(32);

  constructor(alias = "alias/recordings") {
    this.#alias = alias;
    this.arn = "arn:aws:kms:us-east-1:123456789012:key/0f2e2b3c-0000-4000-8000-000000000001";
  }

  operationOf({ headers }: AwsRequest): string {
    return (headers["x-amz-target"] ?? "").replace("TrentService.", "");
  }

  handle(operation: string, { body }: AwsRequest) {
    const input = JSON.parse(body.toString("utf8")) as KmsInput;
    if (input.KeyId !== this.#alias && input.KeyId !== this.arn) {
      return awsError(400, "NotFoundException", "there is no such key");
    }
    const about = Buffer.from(JSON.stringify(input.EncryptionContext ?? {}), "utf8");
    if (operation === "GenerateDataKey") {
      const key = randomBytes(32);
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", this.#master, nonce).setAAD(about);
      const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
      const blob = Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
      const answer = { KeyId: this.arn, Plaintext: key.toString("base64"), CiphertextBlob: blob };
      return { status: 200, body: answer };
    }
    if (operation === "Decrypt") {
      const blob = Buffer.from(input.CiphertextBlob ?? "", "base64");
      const decipher = createDecipheriv("aes-256-gcm", this.#master, blob.subarray(0, 12));
      decipher.setAAD(about).setAuthTag(blob.subarray(12, 28));
      try {
        const key = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
        return { status: 200, body: { KeyId: this.arn, Plaintext: key.toString("base64") } };
      } catch {
        return awsError(400, "InvalidCiphertextException", "it is not what was wrapped");
      }
    }
    return awsError(400, "UnknownOperationException", operation);
  }
}

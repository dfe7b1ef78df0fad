/** Keys of recordings from AWS KMS: each recording has a key of its own, wrapped by one that never leaves the service. */
import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { GatewayError } from "../core/errors.ts";
import type { DataKey, KeyService } from "./recording-keys.ts";

/** Bound to the key, so that it opens recordings and nothing else. */
const CONTEXT = { purpose: "trunkline recording" };
const KEY_BYTES = 32;

/** The service. */
export class KmsKeys implements KeyService {
  readonly #client: KMSClient;
  readonly #keyId: string;

  /** @param keyId id, ARN or alias of the key that wraps. */
  constructor(access: AwsAccess, keyId: string) {
    this.#client = new KMSClient({ ...awsClientOptions(access), maxAttempts: 2 });
    this.#keyId = keyId;
  }

  async generate(): Promise<DataKey> {
    const command = new GenerateDataKeyCommand({
      KeyId: this.#keyId,
      KeySpec: "AES_256",
      EncryptionContext: CONTEXT,
    });
    const { Plaintext, CiphertextBlob, KeyId } = await this.#client
      .send(command)
      .catch(unavailable);
    if (Plaintext?.length !== KEY_BYTES || CiphertextBlob === undefined) {
      throw new GatewayError("RECORDING_KEY_UNAVAILABLE", { reason: "its answer holds no key" });
    }
    return {
      keyId: KeyId ?? this.#keyId,
      key: Buffer.from(Plaintext),
      wrapped: Buffer.from(CiphertextBlob).toString("base64"),
    };
  }

  async unwrap(keyId: string, wrapped: string): Promise<Buffer> {
    const command = new DecryptCommand({
      KeyId: keyId,
      CiphertextBlob: Buffer.from(wrapped, "base64"),
      EncryptionContext: CONTEXT,
    });
    const { Plaintext } = await this.#client.send(command).catch(unavailable);
    if (Plaintext?.length !== KEY_BYTES) {
      throw new GatewayError("RECORDING_KEY_UNAVAILABLE", { reason: "its answer holds no key" });
    }
    return Buffer.from(Plaintext);
  }

  close(): void {
    this.#client.destroy();
  }
}

function unavailable(error: unknown): never {
  const { name } = error as { readonly name?: string };
  throw new GatewayError(
    "RECORDING_KEY_UNAVAILABLE",
    { reason: name ?? "unknown" },
    { cause: error },
  );
}

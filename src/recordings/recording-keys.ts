/** The keys of recordings: those of the configuration by their names, and those that a key service wraps. */
import { GatewayError } from "../core/errors.ts";

/** What one recording is encrypted with. */
export interface DataKey {
  /** Names it in the file; of a key service, the key that wraps it. */
  readonly keyId: string;
  /** 32 bytes; secret. */
  readonly key: Buffer;
  /** As the key service wrapped it, base64; absent: the key is in the configuration. */
  readonly wrapped?: string | undefined;
}

/** Wraps and unwraps keys; both reject with RECORDING_KEY_UNAVAILABLE. */
export interface KeyService {
  /** A new key. */
  generate(): Promise<DataKey>;
  unwrap(keyId: string, wrapped: string): Promise<Buffer>;
  close(): void;
}

/** A key of the configuration. */
export interface NamedKey {
  readonly id: string;
  /** 32 bytes as base64; secret. */
  readonly key: string;
}

/** Finds and makes keys. */
export class RecordingKeys {
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #newest: string | undefined;
  readonly #service: KeyService | undefined;

  /** New recordings are encrypted by the service where there is one, else with the first key; with neither, not at all. */
  constructor(keys: readonly NamedKey[], service: KeyService | undefined) {
    this.#keys = new Map(keys.map(({ id, key }) => [id, Buffer.from(key, "base64")]));
    this.#newest = keys[0]?.id;
    this.#service = service;
  }

  get encrypts(): boolean {
    return this.#service !== undefined || this.#newest !== undefined;
  }

  /** For a new recording; rejects with RECORDING_KEY_UNAVAILABLE. */
  async create(): Promise<DataKey> {
    if (this.#service !== undefined) {
      return await this.#service.generate();
    }
    const keyId = this.#newest ?? "";
    return { keyId, key: await this.find(keyId, undefined) };
  }

  /** Of a recording that there is; rejects with RECORDING_KEY_WRONG or RECORDING_KEY_UNAVAILABLE. */
  async find(keyId: string, wrapped: string | undefined): Promise<Buffer> {
    if (wrapped !== undefined) {
      if (this.#service === undefined) {
        const reason = `it needs the key service for ${keyId}: recordings.encryption.kmsKeyId`;
        throw new GatewayError("RECORDING_KEY_WRONG", { reason });
      }
      return await this.#service.unwrap(keyId, wrapped);
    }
    const key = this.#keys.get(keyId);
    if (key === undefined) {
      const reason = `recordings.encryption.keys has no key ${keyId}`;
      throw new GatewayError("RECORDING_KEY_WRONG", { reason });
    }
    return key;
  }

  close(): void {
    this.#service?.close();
  }
}

/** Sealed recordings: AES-256-GCM in chunks of one size, each bound to its place, so that nothing can be cut, moved or changed unseen. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from "node:crypto";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import type { DiskFile } from "./recording-disk.ts";
import { RECORDING_RATE_HZ, type RecordingFormat } from "./recording-format.ts";
import type { DataKey } from "./recording-keys.ts";

/** How a chunk stands in its file: one of many, the last one, or the last one of a file that a later process ended. */
export type ChunkEnding = "more" | "last" | "recovered";

/** GCM's tag, behind each chunk. */
export const TAG_BYTES = 16;

const MAGIC = Buffer.from("TRKLREC\u0001", "latin1");
/** Half a second of PCM16: so much is lost at most when the process is killed. */
const CHUNK_BYTES = 16_384;
const SALT_BYTES = 32;
const PREFIX_BYTES = 7;
const CHECK_BYTES = 8;
const MAX_HEADER_BYTES = 8192;
const FLAGS: Readonly<Record<ChunkEnding, number>> = { more: 0, last: 1, recovered: 2 };

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));

const HEADER = z.object({
  version: z.literal(1),
  cipher: z.literal("AES-256-GCM"),
  chunkBytes: z.number().int().min(16).max(1_048_576),
  keyId: z.string().min(1).max(2048),
  wrappedKey: z.string().max(4096).optional(),
  salt: hex(SALT_BYTES),
  noncePrefix: hex(PREFIX_BYTES),
  keyCheck: hex(CHECK_BYTES),
  format: z.enum(["pcm16", "mulaw"]),
  rateHz: z.literal(RECORDING_RATE_HZ),
  channels: z.literal(2),
});

/** What stands at the head of a sealed file, readable without the key. */
export type SealHeader = Readonly<z.output<typeof HEADER>>;

/** A header, and how long it is. */
export interface ReadSealHeader {
  readonly header: SealHeader;
  readonly bytes: Buffer;
}

/** The head of a new file under this key. */
export function newSealHeader(
  { keyId, key, wrapped }: DataKey,
  format: RecordingFormat,
  random: Random,
): ReadSealHeader {
  const salt = random.hex(SALT_BYTES);
  const header: SealHeader = {
    version: 1,
    cipher: "AES-256-GCM",
    chunkBytes: CHUNK_BYTES,
    keyId,
    ...(wrapped === undefined ? {} : { wrappedKey: wrapped }),
    salt,
    noncePrefix: random.hex(PREFIX_BYTES),
    keyCheck: derive(key, salt, "trunkline recording key check 1", CHECK_BYTES).toString("hex"),
    format,
    rateHz: RECORDING_RATE_HZ,
    channels: 2,
  };
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return { header, bytes: Buffer.concat([MAGIC, length, text]) };
}

/** Rejects with RECORDING_DAMAGED where this is no sealed recording. */
export async function readSealHeader(file: DiskFile): Promise<ReadSealHeader> {
  const start = Buffer.alloc(MAGIC.length + 4);
  const count = await file.read(start, 0);
  if (count < start.length || !start.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw damaged("it does not begin as an encrypted recording does");
  }
  const length = start.readUInt32BE(MAGIC.length);
  const text = Buffer.alloc(Math.min(length, MAX_HEADER_BYTES));
  if (length > MAX_HEADER_BYTES || (await file.read(text, start.length)) < length) {
    throw damaged("its head is cut off or changed");
  }
  let json: unknown;
  try {
    json = JSON.parse(text.toString("utf8"));
  } catch {
    throw damaged("its head is changed");
  }
  const result = HEADER.safeParse(json);
  if (!result.success) {
    throw damaged("its head is changed, or of another version");
  }
  return { header: result.data, bytes: Buffer.concat([start, text]) };
}

/** Seals and opens the chunks of one file. */
export class ChunkSeal {
  readonly #key: Buffer;
  readonly #prefix: Buffer;
  readonly #headHash: Buffer;

  /** @throws GatewayError RECORDING_KEY_WRONG for a key that this file was not written with. */
  constructor({ header, bytes }: ReadSealHeader, key: Buffer) {
    const { keyId, salt, keyCheck } = header;
    const check = derive(key, salt, "trunkline recording key check 1", CHECK_BYTES).toString("hex");
    if (check !== keyCheck) {
      throw new GatewayError("RECORDING_KEY_WRONG", {
        reason: `the key ${keyId} is not the one that it was written with, or its head is changed`,
      });
    }
    this.#key = derive(key, salt, "trunkline recording 1", 32);
    this.#prefix = Buffer.from(header.noncePrefix, "hex");
    this.#headHash = createHash("sha256").update(bytes).digest();
  }

  /** Chunk and tag. The same place and ending MUST NOT be sealed twice with different audio. */
  seal(index: number, ending: ChunkEnding, audio: Uint8Array): Buffer {
    const { nonce, about } = this.#place(index, ending);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(about);
    const sealed = cipher.update(audio);
    return Buffer.concat([sealed, cipher.final(), cipher.getAuthTag()]);
  }

  /** `undefined`: it is not what was sealed at this place. */
  open(index: number, ending: ChunkEnding, sealed: Uint8Array): Buffer | undefined {
    const end = sealed.length - TAG_BYTES;
    if (end < 0) {
      return undefined;
    }
    const { nonce, about } = this.#place(index, ending);
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv("aes-256-gcm", this.#key, nonce, options);
    decipher.setAAD(about);
    decipher.setAuthTag(sealed.subarray(end));
    const audio = decipher.update(sealed.subarray(0, end));
    try {
      return Buffer.concat([audio, decipher.final()]);
    } catch {
      return undefined;
    }
  }

  #place(index: number, ending: ChunkEnding): { readonly nonce: Buffer; readonly about: Buffer } {
    const place = Buffer.alloc(5);
    place.writeUInt32BE(index, 0);
    place.writeUInt8(FLAGS[ending], 4);
    return {
      nonce: Buffer.concat([this.#prefix, place]),
      about: Buffer.concat([this.#headHash, place]),
    };
  }
}

/** An error that says in words what is wrong with the file. */
export function damaged(reason: string): GatewayError {
  return new GatewayError("RECORDING_DAMAGED", { reason });
}

function derive(key: Buffer, salt: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync("sha256", key, Buffer.from(salt, "hex"), purpose, bytes));
}

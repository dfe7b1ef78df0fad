/** The checksum of a file, read in pieces. */
import { createHash } from "node:crypto";
import type { DiskFile } from "./recording-disk.ts";
import type { FinishedFile } from "./recording-file.ts";

const PIECE_BYTES = 65_536;

/** SHA-256 of the whole file. */
export async function hashFile(file: DiskFile): Promise<FinishedFile> {
  const hash = createHash("sha256");
  const piece = Buffer.alloc(PIECE_BYTES);
  let bytes = 0;
  for (;;) {
    const count = await file.read(piece, bytes);
    hash.update(piece.subarray(0, count));
    bytes += count;
    if (count < PIECE_BYTES) {
      return { bytes, sha256: hash.digest("hex") };
    }
  }
}

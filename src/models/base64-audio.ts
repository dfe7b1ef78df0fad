/** Audio as it comes in the JSON of models: base64, decoded without garbage. */

const PADDING = 0x3d;
/** Longer audio gets memory of its own. */
const SCRATCH_BYTES = 256 * 1024;

/** One for all sessions of a thread: what is decoded is used up before the next message. */
const scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

/**
 * Decodes base64, strictly as far as length goes: `undefined` when characters had to be skipped.
 * The result is borrowed until the next call.
 */
export function decodeAudio(base64: string): Uint8Array | undefined {
  const codeChars = base64.length - paddingOf(base64);
  const audioBytes = (codeChars * 3) >> 2;
  if ((codeChars & 3) === 1) {
    return undefined;
  }
  const target = audioBytes > SCRATCH_BYTES ? Buffer.allocUnsafeSlow(audioBytes) : scratch;
  const written = target.write(base64, 0, "base64");
  return written === audioBytes ? target.subarray(0, written) : undefined;
}

function paddingOf(base64: string): number {
  const last = base64.length - 1;
  if (last < 1 || base64.charCodeAt(last) !== PADDING) {
    return 0;
  }
  return base64.charCodeAt(last - 1) === PADDING ? 2 : 1;
}

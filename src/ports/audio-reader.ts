/** The port to whatever makes of people's audio files what a leg plays. */

/** How audio without a header is laid out: 16-bit little-endian PCM. */
export interface PcmLayout {
  readonly rateHz: number;
  readonly channels: number;
}

/**
 * Reads audio, in pieces: the event loop is never held for long. Channels are mixed into one.
 *
 * Both reject with AUDIO_FILE_INVALID (details: expected, found) for what cannot be read, MEDIA_CLIP_TOO_LONG for more than a
 * leg takes; and resolve with PCM16 mono at 8 kHz.
 */
export interface AudioReader {
  /** A RIFF WAVE file of PCM with 16 bits, or of G.711; of 8, 16, 24 or 48 kHz, mono or stereo. */
  readWav(bytes: Uint8Array): Promise<Int16Array>;
  /** Bare samples of the same rates. */
  readPcm(bytes: Uint8Array, layout: PcmLayout): Promise<Int16Array>;
}

/** What a frame is: PCM16 mono at one of three rates, exactly one ptime long. */

/** The sample rates that audio has inside the gateway. */
export type SampleRateHz = 8000 | 16000 | 24000;

/** Samples in `ptimeMs` of audio: 160 for 20 ms at 8 kHz. */
export function frameSamples(rateHz: SampleRateHz, ptimeMs: number): number {
  return (rateHz / 1000) * ptimeMs;
}

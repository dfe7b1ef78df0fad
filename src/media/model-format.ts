/** In which format a leg and a model talk. */
import type { G711Law } from "../audio/g711.ts";
import type { AudioFormat } from "../ports/realtime-model.ts";

/**
 * The leg's own codec when the model lists it, so that no sample is touched; else the first PCM16 format listed; else
 * whatever comes first. A leg whose codec is not known yet counts as PCMU, the codec of telephone networks.
 */
export function chooseFormat(
  formats: readonly AudioFormat[],
  legLaw: G711Law | undefined,
): AudioFormat {
  const law = legLaw ?? "pcmu";
  const chosen =
    formats.find((format) => format.encoding === law && format.rateHz === 8000) ??
    formats.find((format) => format.encoding === "pcm16") ??
    formats[0];
  return chosen ?? { encoding: "pcm16", rateHz: 8000 };
}

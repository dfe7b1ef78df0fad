/** Which models a leg is given: the flow's choice, and those that take over. */
import { GatewayError } from "../core/errors.ts";
import type { AttachModel } from "../ports/media-host.ts";
import type { RealtimeModel } from "../ports/realtime-model.ts";

/** In the order in which they are used. Throws MODEL_UNKNOWN for one that is not configured. */
export function modelsFor(
  { model, continuity }: AttachModel,
  configured: ReadonlyMap<string, RealtimeModel>,
): readonly [RealtimeModel, ...RealtimeModel[]] {
  const find = (name: string): RealtimeModel => {
    const found = configured.get(name);
    if (found === undefined) {
      throw new GatewayError("MODEL_UNKNOWN", { model: name });
    }
    return found;
  };
  return [find(model), ...(continuity?.fallbacks ?? []).map(find)];
}

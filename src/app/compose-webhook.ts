/** Builds the way from tools to the services that do their work. */
import type { Clock } from "../core/clock.ts";
import type { ToolWebhook } from "../ports/tool-webhook.ts";
import { HttpWebhook } from "../webhooks/http-webhook.ts";
import type { Config } from "./config.ts";

/** Nothing is asked before a model wants to know. */
export function composeWebhook(
  { tools }: Pick<Config, "tools">,
  { clock, version }: { readonly clock: Clock; readonly version: string },
): ToolWebhook {
  return new HttpWebhook({ clock, version, allowedHosts: tools.allowedHosts });
}

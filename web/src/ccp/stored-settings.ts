/** Settings of the panel as this browser and the gateway have them, read at the border. */
import type { TypedSettings } from "./ccp-address.ts";
import type { GatewaySettings } from "./contact-control.ts";

/** What was written, if it still is what it was. */
export function readStored(text: string | null): TypedSettings | "off" | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (value === "off") {
    return "off";
  }
  const { url, region } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return typeof url === "string" && typeof region === "string" ? { url, region } : undefined;
}

/** The body of `GET /assist/settings`. */
export function readGatewaySettings(body: unknown): GatewaySettings {
  const { ccp, tokenOrigins } = (body ?? {}) as Readonly<Record<string, unknown>>;
  const { url, region } = (ccp ?? {}) as Readonly<Record<string, unknown>>;
  return {
    ccp:
      typeof url === "string"
        ? { url, region: typeof region === "string" ? region : undefined }
        : undefined,
    tokenOrigins: (Array.isArray(tokenOrigins) ? tokenOrigins : []).filter(
      (one) => typeof one === "string",
    ),
  };
}

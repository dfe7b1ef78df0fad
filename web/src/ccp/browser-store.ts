/** Settings of the panel in this browser, and the page around ours: what a page may not have, it does without. */
import type { TypedSettings } from "./ccp-address.ts";
import type { GatewaySettings, SettingsStore } from "./contact-control.ts";

const KEY = "trunkline.ccp";

/** Kept for this origin; forgotten with the window where the browser keeps nothing for framed pages. */
export const browserStore: SettingsStore = {
  read: () => {
    try {
      return readStored(window.localStorage.getItem(KEY));
    } catch {
      return undefined;
    }
  },
  write: (settings) => {
    try {
      window.localStorage.setItem(KEY, JSON.stringify(settings));
    } catch {
      // The settings hold until the page is loaded anew.
    }
  },
};

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

/** Only to a page whose origin is one of these; a browser that does not say which it is tries each. */
export function tellParent(message: object, origins: readonly string[]): void {
  if (window.parent === window) {
    return;
  }
  const around = window.location.ancestorOrigins?.[0];
  const allowed = [window.location.origin, ...origins];
  for (const origin of around === undefined ? allowed : allowed.filter((one) => one === around)) {
    window.parent.postMessage(message, origin);
  }
}

/** Hears what the page around ours says; nobody else is listened to. */
export function hearParent(take: (origin: string, message: unknown) => void): void {
  window.addEventListener("message", ({ source, origin, data }) => {
    if (window.parent !== window && source === window.parent) {
      take(origin, data);
    }
  });
}

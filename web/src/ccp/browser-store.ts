/** Settings of the panel in this browser, and the page around ours: what a page may not have, it does without. */
import type { SettingsStore } from "./contact-control.ts";
import { readStored } from "./stored-settings.ts";

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

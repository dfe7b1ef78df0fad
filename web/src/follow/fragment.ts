/** What the page's address asks for, behind the `#`, which browsers do not send to anybody. */
import type { Following } from "../link/assist-link.ts";

/** `undefined`: nothing; the page follows whatever recorded call comes in. */
export function readFragment(fragment: string): Following | undefined {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const get = (name: string): string | undefined => fields.get(name)?.trim() || undefined;
  const [token, callId, contactId] = [get("token"), get("callId"), get("contactId")];
  if (callId !== undefined) {
    return { token, subject: { kind: "call", id: callId } };
  }
  if (contactId !== undefined) {
    return { token, subject: { kind: "contact", id: contactId } };
  }
  return token === undefined ? undefined : { token, subject: undefined };
}

/** Whether the address says that no contact control panel is shown: `#ccp=off`. */
export function isPanelOff(fragment: string): boolean {
  return new URLSearchParams(fragment.replace(/^#/, "")).get("ccp") === "off";
}

/** The fragment that {@link readFragment} reads as this. */
export function writeFragment(following: Following | undefined): string {
  const fields = new URLSearchParams();
  if (following?.token !== undefined) {
    fields.set("token", following.token);
  }
  if (following?.subject !== undefined) {
    const { kind, id } = following.subject;
    fields.set(kind === "call" ? "callId" : "contactId", id);
  }
  const text = fields.toString();
  return text === "" ? "" : `#${text}`;
}

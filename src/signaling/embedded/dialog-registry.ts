/** All dialogs, found by the tags of a request from the network or by the application's id. */
import type { AppClient } from "./app-client.ts";
import type { Dialog } from "./dialog.ts";
import type { Essentials } from "./message-check.ts";

/** Holds early and confirmed dialogs. */
export class DialogRegistry {
  readonly #byTags = new Map<string, Dialog>();
  readonly #byId = new Map<string, Dialog>();

  get size(): number {
    return this.#byTags.size;
  }

  add(dialog: Dialog): void {
    this.#byTags.set(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
    this.#byId.set(dialog.id, dialog);
  }

  /** The dialog of a request from the network. RFC 3261 section 12.2.2, UAS Behavior. */
  findByRequest(essentials: Essentials): Dialog | undefined {
    const { callId, toTag, fromTag } = essentials;
    return this.#byTags.get(tagsKey(callId, toTag ?? "", fromTag ?? ""));
  }

  findById(id: string): Dialog | undefined {
    return this.#byId.get(id);
  }

  all(): Dialog[] {
    return [...this.#byTags.values()];
  }

  ownedBy(owner: AppClient): Dialog[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.owner === owner);
  }

  remove(dialog: Dialog): void {
    this.#byTags.delete(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag));
    if (this.#byId.get(dialog.id) === dialog) {
      this.#byId.delete(dialog.id);
    }
  }

  clear(): void {
    this.#byTags.clear();
    this.#byId.clear();
  }
}

function tagsKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

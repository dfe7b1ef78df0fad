/** All dialogs, found by the tags of a request from the network or by the application's id. */
import type { AppClient } from "./app-client.ts";
import type { Dialog } from "./dialog.ts";
import type { ReliableAcknowledgement } from "./header-values.ts";
import type { Essentials } from "./message-check.ts";

/** Holds early and confirmed dialogs. */
export class DialogRegistry {
  readonly #byTags = new Map<string, Dialog>();
  /** Several early dialogs of a forked INVITE have one id; the last is the newest. */
  readonly #byId = new Map<string, Dialog[]>();

  get size(): number {
    return this.#byTags.size;
  }

  add(dialog: Dialog): void {
    this.#byTags.set(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag), dialog);
    const siblings = this.#byId.get(dialog.id);
    if (siblings === undefined) {
      this.#byId.set(dialog.id, [dialog]);
    } else {
      siblings.push(dialog);
    }
  }

  /** The dialog of a request from the network. RFC 3261 section 12.2.2, UAS Behavior. */
  findByRequest(essentials: Essentials): Dialog | undefined {
    const { callId, toTag, fromTag } = essentials;
    return this.#byTags.get(tagsKey(callId, toTag ?? "", fromTag ?? ""));
  }

  findById(id: string): Dialog | undefined {
    return this.#byId.get(id)?.at(-1);
  }

  /** The branch of a forked INVITE whose reliable response a PRACK is for; the newest when none fits. */
  findByProgress(id: string, rack: ReliableAcknowledgement | undefined): Dialog | undefined {
    const fits = (dialog: Dialog): boolean =>
      dialog.reliableProgress?.number === rack?.responseNumber &&
      dialog.reliableProgress?.sequence === rack?.number;
    return this.#byId.get(id)?.findLast(fits) ?? this.findById(id);
  }

  all(): Dialog[] {
    return [...this.#byTags.values()];
  }

  ownedBy(owner: AppClient): Dialog[] {
    return [...this.#byTags.values()].filter((dialog) => dialog.owner === owner);
  }

  remove(dialog: Dialog): void {
    this.#byTags.delete(tagsKey(dialog.callId, dialog.localTag, dialog.remoteTag));
    const remaining = this.#byId.get(dialog.id)?.filter((sibling) => sibling !== dialog) ?? [];
    if (remaining.length === 0) {
      this.#byId.delete(dialog.id);
    } else {
      this.#byId.set(dialog.id, remaining);
    }
    dialog.release();
  }

  clear(): void {
    const dialogs = this.all();
    this.#byTags.clear();
    this.#byId.clear();
    for (const dialog of dialogs) {
      dialog.release();
    }
  }
}

function tagsKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

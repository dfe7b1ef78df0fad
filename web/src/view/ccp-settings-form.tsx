/** Which contact control panel the page shows: the address and region of an instance, kept in this browser. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ContactControl } from "../ccp/contact-control.ts";

/** A dialog over the page; Escape leaves everything as it was. */
export function CcpSettingsForm({ control }: { readonly control: ContactControl }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const before = control.settings.peek() ?? control.known.peek();
  const url = useSignal(before?.url ?? "");
  const region = useSignal(before?.region ?? "");
  const problem = useSignal<{ readonly field: string; readonly why: string } | undefined>(
    undefined,
  );
  useEffect(() => dialog.current?.showModal(), []);
  const close = (): void => {
    control.isConfiguring.value = false;
  };
  const save = (event: Event): void => {
    event.preventDefault();
    const checked = control.save({ url: url.value, region: region.value });
    problem.value = checked.ok ? undefined : checked;
  };
  const field = (name: "url" | "region") => ({
    id: `ccp-${name}`,
    autocomplete: "off",
    spellcheck: false,
    value: (name === "url" ? url : region).value,
    "aria-invalid": problem.value?.field === name,
    "aria-describedby": `ccp-${name}-hint`,
    onInput: (event: { readonly currentTarget: HTMLInputElement }) => {
      (name === "url" ? url : region).value = event.currentTarget.value;
    },
  });
  return (
    <dialog ref={dialog} class="settings" aria-labelledby="ccp-heading" onClose={close}>
      <h2 id="ccp-heading">Amazon Connect</h2>
      <form onSubmit={save}>
        <label for="ccp-url">Address of the contact control panel</label>
        <input {...field("url")} placeholder="https://NAME.my.connect.aws/ccp-v2" />
        <p id="ccp-url-hint" class="hint">
          The name of your instance is enough.
        </p>
        <label for="ccp-region">Region</label>
        <input {...field("region")} placeholder="us-east-1" />
        <p id="ccp-region-hint" class="hint">
          Where the instance is; chats need it.
        </p>
        {problem.value === undefined ? null : (
          <p class="notice notice-refusal" role="alert">
            {problem.value.why}
          </p>
        )}
        <p class="actions">
          <button type="submit" class="primary">
            Save
          </button>
          <button type="button" onClick={close}>
            Cancel
          </button>
          {control.settings.value === undefined ? null : (
            <button type="button" class="quiet" onClick={() => control.turnOff()}>
              Use without
            </button>
          )}
        </p>
      </form>
    </dialog>
  );
}

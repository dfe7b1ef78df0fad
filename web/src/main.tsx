/** Starts the agent's page. */
import { render } from "preact";
import { SystemClock } from "../../src/core/clock.ts";
import { AgentPage } from "./agent-page.ts";
import {
  askForAnswer,
  askForCalls,
  askForSettings,
  chance,
  checkAccess,
  openSocket,
} from "./browser.ts";
import { browserStore, hearParent, tellParent } from "./ccp/browser-store.ts";
import { ContactControl } from "./ccp/contact-control.ts";
import { isPanelOff, readFragment, writeFragment } from "./follow/fragment.ts";
import { App } from "./view/app.tsx";

const clock = new SystemClock();
const page = new AgentPage(readFragment(window.location.hash), {
  clock,
  random: chance,
  open: openSocket,
  checkAccess,
  askForCalls,
});

const control = new ContactControl({
  page,
  clock,
  store: browserStore,
  askSettings: askForSettings,
  ownOrigin: window.location.origin,
  reload: () => window.location.reload(),
  tellParent,
});
hearParent((origin, message) => control.takeToken(origin, message));
const isOff = isPanelOff(window.location.hash);

window.addEventListener("hashchange", () => {
  const asked = readFragment(window.location.hash);
  if (writeFragment(asked) !== writeFragment(page.following.peek())) {
    page.following.value = asked;
  }
});
window.addEventListener("online", () => page.hurry());
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") {
    page.hurry();
  }
});

const place = document.getElementById("page");
if (place !== null) {
  void begin(place);
}

/** Whether there is a panel is known before anything is followed: without one the page looks for calls by itself. */
async function begin(element: HTMLElement): Promise<void> {
  render(<App page={page} control={control} desk={{ ask: askForAnswer, chance }} />, element);
  await control.start(isOff);
  page.start();
}

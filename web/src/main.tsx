/** Starts the agent's page. */
import { render } from "preact";
import { SystemClock } from "../../src/core/clock.ts";
import { AgentPage } from "./agent-page.ts";
import { askForCalls, chance, checkAccess, openSocket } from "./browser.ts";
import { readFragment, writeFragment } from "./follow/fragment.ts";
import { App } from "./view/app.tsx";

const page = new AgentPage(readFragment(window.location.hash), {
  clock: new SystemClock(),
  random: chance,
  open: openSocket,
  checkAccess,
  askForCalls,
});

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
  page.start();
  render(<App page={page} />, place);
}

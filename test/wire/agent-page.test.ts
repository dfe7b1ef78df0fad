/** The agent's page in a real browser, told by a test what happens: bad networks, bad tokens, bad text, keys only. */
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AssistTokens } from "../../src/api/assist/assist-tokens.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import type { AssistEvent } from "../../src/ports/assist-events.ts";
import { FLEETING_PREFIX } from "../../src/ports/bus.ts";
import { tell } from "../support/assist-lab.ts";
import { faintTexts, isTooWide, namelessControls } from "./support/accessibility.ts";
import { type AssistNode, startAssistNode, TOKEN_SECRET } from "./support/assist-node.ts";
import {
  chromiumInstalled,
  keepScreenshot,
  launchBrowser,
  openPage,
  SIDE_PANEL,
} from "./support/browser.ts";
import { answer, levels, line, participant, STORY, state } from "./support/call-story.ts";
import { CutProxy } from "./support/cut-proxy.ts";
import { buildPages } from "./support/gateway-process.ts";
import { eventually, pause } from "./support/waiting.ts";

const tokens = new AssistTokens({ secret: TOKEN_SECRET, clock: new SystemClock() });
const callA = asCallId("call-a");
/** How much of the transcript is below what is shown. */
const FROM_END_PX =
  '((box) => box.scrollHeight - box.scrollTop - box.clientHeight)(document.querySelector(".lines"))';
const NETWORK = /ERR_CONNECTION|WebSocket connection|Failed to load resource/;

let browser: Browser;
let node: AssistNode;
let lastId: number;

describe.skipIf(!chromiumInstalled())("the agent's page", () => {
  beforeAll(async () => {
    await buildPages();
    browser = await launchBrowser();
  });

  afterAll(() => browser?.close());

  beforeEach(async () => {
    node = await startAssistNode({ tokens: [{ token: "a-token-of-the-crm", role: "operate" }] });
    lastId = 0;
  });

  afterEach(() => node.close());

  const say = (...events: readonly AssistEvent[]): void => {
    for (const event of events) {
      lastId += 1;
      tell(node.bus, { eventId: lastId, callId: callA, contactId: "c-1", event });
    }
  };
  const tokenOf = (contactId = "c-1"): string =>
    tokens.issue({ kind: "contact", id: contactId }, 600).token;
  const open = (fragment: string, base = node.base) =>
    openPage(browser, `${base}/assist${fragment}`, { expected: NETWORK });
  const saidTexts = (page: Page): Promise<string[]> => page.locator(".said").allTextContents();

  it("comes back from a dead network with everything, and nothing twice", async () => {
    const proxy = await CutProxy.start(Number(new URL(node.base).port));
    try {
      const { page, faults } = await open(`#token=${tokenOf()}`, proxy.base);
      say(state("live"), line(1, "one"), line(2, "two", { final: false }));
      await page.getByText("two").waitFor();
      proxy.cut();
      await page.getByText("The connection to the gateway is lost").waitFor();
      say(line(2, "two, whole"), line(3, "three"), answer("s1", "An answer."));
      await pause(700);
      proxy.mend();
      await page.locator('[data-link="live"]').waitFor({ timeout: 20_000 });
      await page.getByText("three").waitFor();
      say(line(4, "four"));
      await page.getByText("four").waitFor();
      expect(await saidTexts(page)).toEqual(["one", "two, whole", "three", "four"]);
      expect(await page.locator(".card").count()).toBe(1);
      expect(await page.getByText("is lost").count()).toBe(0);
      expect(faults).toEqual([]);
      await page.context().close();
    } finally {
      await proxy.close();
    }
  });

  it("says in words that a token opens another contact, is over, or is missing", async () => {
    const { page } = await open(`#token=${tokenOf("c-2")}&contactId=c-1`);
    say(state("live"), line(1, "a secret of contact one"));
    await page.getByText("This token opens another contact").waitFor();
    expect(await page.getByText("a secret").count()).toBe(0);
    await page.goto(`${node.base}/assist#token=wrong`);
    await page.getByText("The gateway does not take this token").waitFor();
    await page.goto("about:blank");
    await page.goto(`${node.base}/assist`);
    await page.getByRole("heading", { name: "Which call is yours?" }).waitFor();
    await page.getByLabel("Token for one contact").fill(tokenOf());
    await page.keyboard.press("Enter");
    await page.getByText("a secret of contact one").waitFor();
    expect(page.url()).not.toContain("?");
    await page.context().close();
  });

  it("keeps what it shows when its token is over, and goes on with another one", async () => {
    const { token } = tokens.issue({ kind: "contact", id: "c-1" }, 2);
    const { page } = await open(`#token=${token}`);
    say(state("live"), line(1, "said in time"));
    await page.getByText("said in time").waitFor();
    await page.getByText("The token is over").waitFor();
    expect(await saidTexts(page)).toEqual(["said in time"]);
    say(line(2, "said later"));
    await page.getByLabel("Token for one contact").fill(tokenOf());
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByText("said later").waitFor();
    expect(await saidTexts(page)).toEqual(["said in time", "said later"]);
    await page.context().close();
  });

  it("lets the agent choose among the calls of an open gateway, and go back to the newest", async () => {
    const open = await startAssistNode({});
    try {
      for (const [index, id] of ["call-a", "call-b"].entries()) {
        const call = open.directory.add(id);
        const startedAtMs = call.startedAtMs + index * 1000;
        open.directory.calls.set(call.callId, { ...call, mode: "assist", startedAtMs });
        tell(open.bus, { eventId: 1, callId: call.callId, event: line(1, `words of ${id}`) });
      }
      const { page, faults } = await openPage(browser, `${open.base}/assist`);
      await page.getByText("words of call-b").waitFor();
      await page.getByLabel("Show another call").selectOption("call-a");
      await page.getByText("words of call-a").waitFor();
      expect(await page.getByText("words of call-b").count()).toBe(0);
      await page.getByLabel("Show another call").selectOption({ label: "The newest call" });
      await page.getByText("words of call-b").waitFor();
      expect(faults).toEqual([]);
      await page.context().close();
    } finally {
      await open.close();
    }
  });

  it("shows what people say as text, whatever it looks like", async () => {
    const { page, faults } = await open(`#token=${tokenOf()}`);
    const hostile = '<img src=x onerror="document.title=1"><script>document.title=2</script>';
    say(state("live", [participant("1", "customer", hostile, hostile)]), line(1, hostile));
    say({
      ...answer("s1", hostile),
      sources: [{ title: hostile, uri: "javascript:alert(1)", excerpt: hostile }],
    });
    say({ kind: "summary", text: hostile, disposition: hostile });
    say({ kind: "notice", part: "store", ok: false, text: hostile });
    await page.locator(".card-summary").waitFor();
    expect(await saidTexts(page)).toEqual([hostile]);
    expect(await page.locator("#page img, #page script, #page a").count()).toBe(0);
    expect([await page.title(), faults]).toEqual(["Trunkline", []]);
    await page.context().close();
  });

  it("takes a notice away when it is over, and shows a call that is held and goes on", async () => {
    const { page } = await open(`#token=${tokenOf()}`);
    const notice = { kind: "notice", part: "advisor", text: "The model fails." } as const;
    say(state("live"), { ...notice, ok: false }, state("held"));
    await page.getByText("The model fails.").waitFor();
    await page.locator(".state", { hasText: "On hold" }).waitFor();
    say({ ...notice, ok: true, text: "The model answers again." }, state("live"));
    await page.locator(".state", { hasText: "Live" }).waitFor();
    await eventually("no notice", async () => (await page.locator(".notice").count()) === 0);
    await page.context().close();
  });

  it("can be worked with keys alone, and corrects a role", async () => {
    const { page } = await open(`#token=${tokenOf()}`);
    node.directory.calls.set(callA, { ...node.directory.add("call-a"), participants: [] });
    say(...STORY);
    await page.getByText("It is four seven one").waitFor();
    const reached: string[] = [];
    for (let press = 0; press < 12; press += 1) {
      await page.keyboard.press("Tab");
      reached.push(
        await page.evaluate<string>(
          "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent",
        ),
      );
      const outline = await page.evaluate<string>(
        "getComputedStyle(document.activeElement).outlineStyle",
      );
      expect(reached.at(-1) === "" || outline === "solid").toBe(true);
      if (reached.at(-1) === "Copy coaching") {
        await page.keyboard.press("Enter");
        await page.getByText("Copied").waitFor();
      }
      if (reached.at(-1) === "Role of Pat Miller") {
        await page.keyboard.press("a");
        break;
      }
    }
    expect(reached).toContain("What is said");
    expect(reached).toContain("Refunds and returns");
    expect(reached.at(-1)).toBe("Role of Pat Miller");
    await eventually("the correction", () => node.directory.corrections.length > 0);
    expect(node.directory.corrections).toEqual([{ participantId: "1", role: "agent" }]);
    await page.context().close();
  });

  it("stays where the agent reads, and goes to the newest line when asked", async () => {
    const { page } = await open(`#token=${tokenOf()}`);
    say(state("live"), ...Array.from({ length: 400 }, (_, index) => line(index, `line ${index}`)));
    await page.getByText("line 399").waitFor();
    expect(await page.locator(".said").count()).toBe(150);
    const box = page.getByRole("log");
    const distancePx = (): Promise<number> => page.evaluate<number>(FROM_END_PX);
    expect(await distancePx()).toBeLessThan(2);
    await page.setViewportSize({ width: 1280, height: 500 });
    await eventually("the newest line in a lower window", async () => (await distancePx()) < 2);
    await box.hover();
    await page.mouse.wheel(0, -600);
    const newest = page.getByRole("button", { name: "Newest" });
    await newest.waitFor();
    const before = await page.evaluate<number>('document.querySelector(".lines").scrollTop');
    say(line(400, "line 400"), line(401, "line 401"));
    await page.getByRole("button", { name: "Newest (2 new)" }).waitFor();
    expect(await page.evaluate<number>('document.querySelector(".lines").scrollTop')).toBe(before);
    await newest.click();
    await page.getByText("line 401").waitFor();
    await eventually("the end", async () => (await distancePx()) < 2);
    await page.mouse.wheel(0, -100_000);
    await page.getByRole("button", { name: "Show earlier" }).click();
    await page.getByText("line 200", { exact: true }).waitFor();
    expect(await page.locator(".said").count()).toBeLessThanOrEqual(150);
    await page.context().close();
  });

  it("is readable by everybody: names, contrast, width, and pictures of it", async () => {
    const { page, faults } = await open(`#token=${tokenOf()}`);
    say(...STORY, levels("1", 0), levels("2", 17), {
      kind: "notice",
      part: "advisor",
      ok: false,
      text: "The model fails: answers come from local knowledge, as far as it goes.",
    });
    await page.getByText("The model fails").waitFor();
    await page.getByText("It is four seven one").waitFor();
    for (const event of [levels("1", 0), levels("2", 17)]) {
      const envelope = { eventId: lastId, callId: callA, contactId: "c-1", atMs: 1, event };
      node.bus.publish(`${FLEETING_PREFIX}assist/${callA}`, envelope);
    }
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await pause(200);
      await keepScreenshot(page, `agent-page-live-1280-${scheme}`);
      expect((await faintTexts(page)).faint).toEqual([]);
    }
    expect(await namelessControls(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: "light" });
    for (const width of [900, 320]) {
      await page.setViewportSize({ ...SIDE_PANEL, width });
      await pause(200);
      await keepScreenshot(page, `agent-page-live-${width}-light`);
      expect(await isTooWide(page)).toBe(false);
      expect((await faintTexts(page)).faint).toEqual([]);
    }
    await page.getByRole("tab", { name: "Help" }).focus();
    await page.keyboard.press("ArrowRight");
    expect(await page.getByRole("tab", { name: "Transcript" }).getAttribute("aria-selected")).toBe(
      "true",
    );
    await keepScreenshot(page, "agent-page-live-320-transcript");
    say(answer("s9", "Something new."));
    await page.getByText("1 new").waitFor();
    await page.keyboard.press("ArrowRight");
    await keepScreenshot(page, "agent-page-live-320-call");
    expect(await namelessControls(page)).toEqual([]);
    expect(
      await page.evaluate<boolean>(`(() => {
      const canvas = document.querySelector("canvas.level");
      return canvas.getContext("2d").getImageData(0, 0, canvas.width, 8).data.some((value) => value > 0);
    })()`),
    ).toBe(true);
    // The checks above can fail.
    await page.evaluate("document.documentElement.style.setProperty('--muted', '#ccc')");
    await page.evaluate('document.querySelector("select").removeAttribute("aria-label")');
    expect((await faintTexts(page)).faint.length).toBeGreaterThan(0);
    expect(await namelessControls(page)).toHaveLength(1);
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

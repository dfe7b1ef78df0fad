/** The contact control panel on the agent's page: the genuine library, a panel of ours, a real gateway and its calls. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { faintTexts, isTooWide, namelessControls } from "./support/accessibility.ts";
import {
  chromiumInstalled,
  keepScreenshot,
  launchBrowser,
  openPage,
  SIDE_PANEL,
} from "./support/browser.ts";
import { FakeCcp } from "./support/fake-ccp.ts";
import { buildPages, GatewayProcess } from "./support/gateway-process.ts";
import { eventually, pause } from "./support/waiting.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CALL = join("test", "fixtures", "audio", "support-call.wav");
const CALL_TIMEOUT_MS = 60_000;
/** Headless Chromium blocks no windows, and what a test asks counts as a gesture: this goes by clicks. */
const BLOCKS_POPUPS = `
  const open = window.open.bind(window);
  let clickedMs = -Infinity;
  addEventListener("click", () => { clickedMs = performance.now(); }, true);
  window.open = (...how) => (performance.now() - clickedMs < 500 ? open(...how) : null);`;
/** What Chromium says when the page turns to another contact at once. */
const QUICK_TURN = /closed before the connection is established/;
/** The library waits so long for a first word, and this machine for all else. */
const SILENCE_TIMEOUT_MS = 30_000;
const ATTRIBUTES = { "Customer name": "Pat Miller", Tier: "Gold", "Last order": "A-4711, toaster" };

function sendRecording(target: string, contactId: string): Promise<void> {
  const to = `sip:agent@${target}`;
  const program = [join(ROOT, "dist", "main.js"), "siprec", "send", CALL, "--to", to];
  return new Promise((resolve, reject) => {
    const args = [...program, "--contact-id", contactId];
    execFile(process.execPath, args, { cwd: ROOT }, (error, _stdout, stderr) =>
      error === null ? resolve() : reject(new Error(stderr)),
    );
  });
}

describe.skipIf(!chromiumInstalled())("the agent's page with a contact control panel", () => {
  let gateway: GatewayProcess;
  let browser: Browser;
  let ccp: FakeCcp;
  let base: string;

  beforeAll(async () => {
    await buildPages();
    ccp = await FakeCcp.start();
    gateway = await GatewayProcess.start({ ASSIST__CCP__URL: ccp.url });
    browser = await launchBrowser();
    base = `http://127.0.0.1:${gateway.httpPort}/assist`;
  });

  afterAll(async () => {
    await browser?.close();
    await ccp?.close();
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });

  beforeEach(() => ccp.begin());

  const keepPictures = async (page: Page, name: string): Promise<void> => {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await pause(150);
      await keepScreenshot(page, `${name}-${scheme}`);
      const { checked, faint } = await faintTexts(page);
      expect(checked).toBeGreaterThan(4);
      expect(faint).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: "light" });
    expect(await isTooWide(page)).toBe(false);
    expect(await namelessControls(page)).toEqual([]);
  };

  it("follows the contact that the agent accepts: its customer, its transcript, its end", async () => {
    const { page, faults } = await openPage(browser, base);
    await page.getByRole("heading", { name: "Waiting for your next contact" }).waitFor();
    const agent = page.locator(".agent");
    await ccp.agent(page, "Init", "init");
    await agent.getByText("Getting ready").waitFor();
    await ccp.agent(page, "Available", "routable");
    await agent.getByText("Available", { exact: true }).waitFor();
    await keepPictures(page, "ccp-1280-available");

    const ringing = { contactId: "11111111-aaaa", queue: "Returns", attributes: ATTRIBUTES };
    await ccp.contacts(page, [{ ...ringing, state: "connecting" }]);
    const contact = page.locator(".contact");
    await contact.getByText("Ringing").waitFor();
    expect(await page.getByText("Pat Miller").count()).toBe(0);
    const sending = sendRecording(gateway.target, ringing.contactId);
    await contact.getByRole("button", { name: "Accept" }).click();
    await contact.getByText("Accepted").waitFor();
    expect(await ccp.asked(page)).toContain("acceptContact");
    await page.locator(".attributes", { hasText: "Pat Miller" }).waitFor();
    await contact.getByText("+15550100").waitFor();
    await ccp.contacts(page, [{ ...ringing, state: "connected" }]);
    await contact.getByText("Connected").waitFor();

    const customer = page.locator(".line-customer");
    await customer.getByText("i want a refund").waitFor({ timeout: CALL_TIMEOUT_MS });
    await page.locator(".card-answer", { hasText: "refunded" }).waitFor();
    await page.locator(".id", { hasText: ringing.contactId }).waitFor();
    await ccp.contacts(page, [{ ...ringing, state: "connected", isOnHold: true }]);
    await contact.getByText("On hold").waitFor();
    await keepPictures(page, "ccp-1280-call");

    await sending;
    await ccp.contacts(page, [{ ...ringing, state: "ended" }]);
    await contact.getByText("After contact work").waitFor();
    await page.locator(".card-summary").waitFor({ timeout: CALL_TIMEOUT_MS });
    await page.setViewportSize(SIDE_PANEL);
    for (const tab of ["Contact", "Help"]) {
      await page.getByRole("tab", { name: tab }).click();
      await keepPictures(page, `ccp-320-${tab.toLowerCase()}`);
    }
    await ccp.contacts(page, []);
    await page.getByRole("heading", { name: "Waiting for your next contact" }).waitFor();
    expect(await page.getByText("i want a refund").count()).toBe(0);
    expect(await page.getByText("Pat Miller").count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("follows a call recorded under the initial contact, and the one of two contacts that the agent picks", async () => {
    const { page, faults } = await openPage(browser, base, { expected: QUICK_TURN });
    const call = { contactId: "voice-after-transfer", initialContactId: "voice-first" };
    const chat = { contactId: "chat-1", type: "chat", queue: "Web", state: "connected" };
    const sending = sendRecording(gateway.target, call.initialContactId);
    await ccp.agent(page, "Available", "routable");
    await ccp.contacts(page, [{ ...call, state: "connected", attributes: null }]);
    await page.getByText("i want a refund").waitFor({ timeout: CALL_TIMEOUT_MS });
    await ccp.contacts(page, [{ ...call, state: "connected" }, chat]);
    const both = page.locator(".contact button.one");
    await page.getByRole("heading", { name: "Waiting for words of this contact" }).waitFor();
    expect(await both.count()).toBe(2);
    expect(await both.nth(1).getAttribute("aria-pressed")).toBe("true");
    await both.nth(0).click();
    await page.getByText("i want a refund").waitFor();
    await ccp.contacts(page, [chat]);
    await page.getByRole("heading", { name: "Waiting for words of this contact" }).waitFor();
    await sending;
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("closes the log-in that opened by itself", async () => {
    ccp.speaks = false;
    const { page, faults } = await openPage(browser, base);
    const popup = await page.context().waitForEvent("page", { timeout: SILENCE_TIMEOUT_MS });
    await page.getByText("Log in in the window that opened").waitFor();
    await page.locator(".agent").getByText("Connected").waitFor({ timeout: SILENCE_TIMEOUT_MS });
    await eventually("the log-in to close", () => popup.isClosed());
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("says that somebody missed a contact, and what Amazon Connect refuses", async () => {
    const { page, faults } = await openPage(browser, base, { expected: QUICK_TURN });
    const contact = page.locator(".contact");
    await ccp.agent(page, "Available", "routable");
    await ccp.contacts(page, [{ contactId: "m-1", state: "connecting" }]);
    await contact.getByText("Ringing").waitFor();
    await ccp.contacts(page, [{ contactId: "m-1", state: "missed" }]);
    await contact.getByText("Missed").waitFor();
    await ccp.agent(page, "Offline", "offline");
    await page.locator(".agent").getByText("Offline").waitFor();
    await ccp.say(page, "access_denied");
    await page.getByText("Amazon Connect does not let you in").waitFor();
    expect(await contact.count()).toBe(0);
    await page.evaluate("connect.core.getEventBus().trigger('iframe_retries_exhausted')");
    await page.getByText("The panel does not answer").waitFor();
    await ccp.say(page, "auth_fail");
    await page.getByText("You are logged out").waitFor();
    await ccp.agent(page, "Lunch", "not_routable");
    await page.locator(".agent").getByText("Lunch").waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("helps with the log-in and names the origin to approve, where the panel stays silent", async () => {
    ccp.speaks = false;
    const { page, faults } = await openPage(browser, base, { script: BLOCKS_POPUPS });
    await page.getByText("Your browser did not let the log-in open").waitFor({
      timeout: SILENCE_TIMEOUT_MS,
    });
    await page.getByText("Logged in, and still nothing here?").click();
    await page.locator(".origin code", { hasText: new URL(base).origin }).waitFor();
    await page.getByText("Approved origins").waitFor();
    await page.getByText("third-party cookies").waitFor();
    await keepPictures(page, "ccp-1280-silent");
    await page.setViewportSize(SIDE_PANEL);
    await page.getByRole("tab", { name: "Contact" }).click();
    await keepPictures(page, "ccp-320-silent");
    const opening = page.context().waitForEvent("page");
    await page.getByRole("button", { name: "Log in" }).click();
    const popup = await opening;
    await page.locator(".agent").getByText("Connected").waitFor({ timeout: SILENCE_TIMEOUT_MS });
    expect(await page.locator(".ccp-advice").count()).toBe(0);
    await eventually("the log-in to close", () => popup.isClosed());
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("can be set by the agent, checks what they type, and works without", async () => {
    const { page, faults } = await openPage(browser, base);
    await page.getByRole("button", { name: "Settings" }).click();
    const address = page.getByLabel("Address of the contact control panel");
    expect(await address.inputValue()).toBe(ccp.url);
    await address.fill("https://evil.example.com/ccp-v2");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("This is no address of Amazon Connect").waitFor();
    await keepPictures(page, "ccp-1280-settings");
    await page.getByRole("button", { name: "Use without" }).click();
    await page.getByRole("heading", { name: "Waiting for a call" }).waitFor();
    expect(await page.locator("iframe").count()).toBe(0);
    await page.getByRole("button", { name: "Use with Amazon Connect" }).click();
    expect(await address.inputValue()).toBe(ccp.url);
    await page.getByRole("button", { name: "Save" }).click();
    await page.locator(".agent").getByText("Connected").waitFor();
    await page.goto("about:blank");
    await page.goto(`${base}#ccp=off`);
    await page.getByRole("heading", { name: "Waiting for a call" }).waitFor();
    expect(await page.locator("iframe").count()).toBe(0);
    expect(faults).toEqual([]);
    await page.context().close();
  });

  it("tries a message of a customer", async () => {
    const { page, faults } = await openPage(browser, base);
    await page.getByText("Try a message").click();
    await page.getByRole("button", { name: "Random message" }).click();
    const message = page.getByLabel("What a customer may write");
    expect((await message.inputValue()).length).toBeGreaterThan(5);
    await message.fill("I want my money back");
    await page.getByRole("button", { name: "Ask" }).click();
    const card = page.locator(".try .card", { hasText: "refund" });
    await card.getByRole("list", { name: "Sources" }).waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

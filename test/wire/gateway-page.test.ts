/** The agent's page in a real browser, over a real gateway that records a real SIPREC call. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faintTexts, isTooWide, namelessControls } from "./support/accessibility.ts";
import {
  chromiumInstalled,
  DESKTOP,
  keepScreenshot,
  launchBrowser,
  openPage,
  SIDE_PANEL,
} from "./support/browser.ts";
import { buildPages, GatewayProcess } from "./support/gateway-process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const CALL = join("test", "fixtures", "audio", "support-call.wav");
/** The recording lasts 13 s, and its last words are read within a few more. */
const CALL_TIMEOUT_MS = 40_000;

function sendRecording(target: string): Promise<void> {
  const program = [join(ROOT, "dist", "main.js"), "siprec", "send", CALL, "--to", target];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, program, { cwd: ROOT }, (error, _stdout, stderr) =>
      error === null ? resolve() : reject(new Error(stderr)),
    );
  });
}

describe.skipIf(!chromiumInstalled())("the agent's page of a gateway", () => {
  let gateway: GatewayProcess;
  let browser: Browser;

  beforeAll(async () => {
    await buildPages();
    gateway = await GatewayProcess.start();
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    expect((await gateway.stop()).leftBehind).toEqual([]);
  });

  it("shows a call that comes in by itself: who said what, what to do about it, and how it ended", async () => {
    const { page, faults } = await openPage(browser, `http://127.0.0.1:${gateway.httpPort}/assist`);
    await page.getByRole("heading", { name: "Waiting for a call" }).waitFor();
    const sending = sendRecording(`sip:agent@${gateway.target}`);

    const customer = page.locator(".line-customer");
    const agent = page.locator(".line-agent");
    await agent.getByText("hello how can i help you").waitFor({ timeout: CALL_TIMEOUT_MS });
    await customer.getByText("i want a refund").waitFor({ timeout: CALL_TIMEOUT_MS });
    const card = page.locator(".card-answer", { hasText: "refunded" });
    await card.getByRole("list", { name: "Sources" }).getByText("refunds.md").waitFor();
    await page.locator(".card-nextBestAction").first().waitFor();
    expect(await page.locator(".steps .done").count()).toBeGreaterThan(0);
    expect(await page.locator(".share meter").count()).toBe(2);

    const role = page.getByLabel("Role of Customer");
    expect(await role.inputValue()).toBe("customer");
    await role.selectOption("agent");
    await page.getByText("Why: by hand").waitFor();
    expect(await agent.getByText("i want a refund").count()).toBe(1);
    await role.selectOption("customer");
    await customer.getByText("i want a refund").waitFor();

    await sending;
    const summary = page.locator(".card-summary");
    await summary.getByText("The customer said").waitFor({ timeout: CALL_TIMEOUT_MS });
    expect(await summary.locator(".disposition").textContent()).toBe("refund");
    await page.locator(".state-ended").waitFor();

    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      await keepScreenshot(page, `agent-page-1280-${scheme}`);
      const { checked, faint } = await faintTexts(page);
      expect(checked).toBeGreaterThan(20);
      expect(faint).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: "light" });
    await page.setViewportSize(SIDE_PANEL);
    for (const tab of ["Help", "Transcript", "Call"]) {
      await page.getByRole("tab", { name: tab }).click();
      await keepScreenshot(page, `agent-page-320-light-${tab.toLowerCase()}`);
      expect(await isTooWide(page)).toBe(false);
      expect(await namelessControls(page)).toEqual([]);
    }
    await page.setViewportSize(DESKTOP);
    expect(faults).toEqual([]);
    const [log] = await gateway.callLogs();
    expect(log).toMatchObject({ participants: [{ because: "by hand" }, {}] });
    await page.context().close();
  });

  it("has an index that leads to it and to the API", async () => {
    const { page, faults } = await openPage(browser, `http://127.0.0.1:${gateway.httpPort}/`);
    await page.getByRole("link", { name: "The agent's page" }).click();
    await page.getByRole("heading", { name: "Waiting for a call" }).waitFor();
    await page.goBack();
    await page.getByRole("link", { name: "The HTTP API" }).waitFor();
    expect(faults).toEqual([]);
    await page.context().close();
  });
});

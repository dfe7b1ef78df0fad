/** Debian's Chromium, looking at a page as an agent does, and keeping what it complains about. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";
const ARTEFACTS = fileURLToPath(new URL("../../../test-artefacts/", import.meta.url));

/** Width and height in CSS pixels. */
export const DESKTOP = { width: 1280, height: 800 };
/** The side panel of a contact control panel. */
export const SIDE_PANEL = { width: 320, height: 640 };

/** False, with a printed reason, when Chromium is not installed. */
export function chromiumInstalled(): boolean {
  const installed = existsSync(CHROMIUM);
  if (!installed) {
    console.log(`LEFT OUT: ${CHROMIUM} is not installed (apt-get install chromium)`);
  }
  return installed;
}

/** Whoever launches it closes it. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
}

/** A page, and everything that went wrong on it. */
export interface WatchedPage {
  readonly page: Page;
  /** Errors of scripts, of the console and of the content security policy. */
  readonly faults: string[];
}

/**
 * @param expected lines of the console that the test brings about.
 * @param script runs in the page before its own.
 */
export async function openPage(
  browser: Browser,
  url: string,
  { viewport = DESKTOP, expected = /^$/, script = "" } = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport, colorScheme: "light" });
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("console", (message) => {
    const text = message.text();
    if (["error", "warning"].includes(message.type()) && !expected.test(text)) {
      faults.push(text);
    }
  });
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', (e) => console.error('CSP', e.violatedDirective, e.blockedURI))",
  );
  await page.addInitScript(script);
  await page.goto(url);
  return { page, faults };
}

/** Keeps a picture of the page, and prints where. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const path = join(ARTEFACTS, `${name}.png`);
  await page.screenshot({ path });
  console.log(`screenshot: ${path}`);
}

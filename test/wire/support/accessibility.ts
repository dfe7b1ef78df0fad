/** What everybody needs of a page: controls with names, text that stands out from its ground. */
import type { Page } from "playwright-core";

/** In the page: what is shown and has no name. */
const NAMELESS = `[...document.querySelectorAll("button, a, select, input, meter, canvas, section, [role=tab], [role=tabpanel], [role=log]")]
  .filter((one) => one.checkVisibility())
  .filter((one) => {
    const labelled = (one.getAttribute("aria-labelledby") ?? "").split(" ").map((id) => document.getElementById(id)?.textContent ?? "").join("");
    const labels = [...(one.labels ?? [])].map((label) => label.textContent).join("");
    const isControl = /^(A|BUTTON)$/.test(one.tagName);
    return [one.getAttribute("aria-label"), labelled, labels, isControl ? one.textContent : ""].every((name) => !(name ?? "").trim());
  })
  .map((one) => one.outerHTML.slice(0, 120))`;

/** In the page: every element with text of its own, with the ratio of WCAG 2 "contrast ratio" to what is behind it. */
const CONTRASTS = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (one) => {
    for (let at = one; at !== null; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  return [...document.querySelectorAll("#page *")]
    .filter((one) => one.checkVisibility() && one.closest(".sr-only") === null)
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ""))
    .map((one) => {
      const [text, behind] = [luminance(rgba(getComputedStyle(one).color)), luminance(ground(one))];
      const ratio = (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
      return { text: one.textContent.trim().slice(0, 40), className: String(one.className), ratio: Math.round(ratio * 100) / 100 };
    });
})()`;

/** The ratio that WCAG 2 level AA asks for, of text of any size. */
const ENOUGH = 4.5;

/** Controls and regions that are shown without a name. */
export async function namelessControls(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(NAMELESS);
}

/** Texts that stand out too little, and how many were looked at. */
export async function faintTexts(page: Page) {
  interface Found {
    readonly text: string;
    readonly className: string;
    readonly ratio: number;
  }
  const found = await page.evaluate<Found[]>(CONTRASTS);
  return { checked: found.length, faint: found.filter(({ ratio }) => ratio < ENOUGH) };
}

/** Whether anything is wider than the page. */
export async function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>(
    "document.documentElement.scrollWidth > document.documentElement.clientWidth",
  );
}

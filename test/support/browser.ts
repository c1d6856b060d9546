import { type BrowserContext, chromium, type Page } from "playwright-core";
import { programs } from "./programs.js";

export interface Browser {
  page(options: { width: number; height: number; dark?: boolean }): Promise<Page>;
  close(): Promise<void>;
}

/** Starts the distribution's Chromium headless. */
export async function startBrowser(): Promise<Browser> {
  if (!programs.chromium)
    throw new Error("chromium is not installed: apt-get install chromium, or set CHROMIUM_PATH");
  const browser = await chromium.launch({
    executablePath: programs.chromium,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
  const contexts: BrowserContext[] = [];
  return {
    async page({ width, height, dark = true }) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: dark ? "dark" : "light",
        locale: "en-GB",
        reducedMotion: "reduce",
      });
      contexts.push(context);
      return await context.newPage();
    },
    async close() {
      for (const context of contexts) await context.close();
      await browser.close();
    },
  };
}

import { type BrowserContext, chromium, type Page, type Request } from "playwright-core";
import { programs } from "./programs.js";

interface View {
  width: number;
  height: number;
  dark?: boolean;
}
export interface Browser {
  /** A page with cookies and cache of its own. */
  page(view: View): Promise<Page>;
  /** Closes a page together with its cookies and cache. */
  closePage(page: Page): Promise<void>;
  /**
   * Opens `url` on a page of its own and waits until the page is live. `errors` go on collecting what the page's console
   * calls errors. Throws with what the page shows and waits for where it does not become live.
   */
  openLive(url: string, view: View): Promise<{ page: Page; errors: string[] }>;
  close(): Promise<void>;
}

const LIVE_WITHIN_MS = 20_000;
const FRAME_WITHIN_MS = 5_000;
/** Thrown where Chromium draws nothing: no page can show anything then. */
class NoFrames extends Error {}

/** Whether the page gets animation frames. */
const isDrawn = (page: Page): Promise<boolean> =>
  page.evaluate(
    (withinMs) =>
      new Promise<boolean>((resolve) => {
        requestAnimationFrame(() => resolve(true));
        setTimeout(() => resolve(false), withinMs);
      }),
    FRAME_WITHIN_MS,
  );

/** Opens `url` and waits until it is live. */
async function goLive(page: Page, url: string, errors: string[]): Promise<void> {
  const pending = new Set<Request>();
  const failed: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  page.on("request", (request) => pending.add(request));
  page.on("requestfinished", (request) => pending.delete(request));
  page.on("requestfailed", (request) => {
    pending.delete(request);
    failed.push(`${request.url()}: ${request.failure()?.errorText}`);
  });
  await page.goto(url);
  try {
    await page.waitForSelector('[data-connection="live"]', { timeout: LIVE_WITHIN_MS });
  } catch (cause) {
    if (!(await isDrawn(page))) throw new NoFrames(`${url}: Chromium draws no frames`, { cause });
    const body = await page.evaluate(() => document.body.textContent);
    const waits = [...pending].map((request) => request.url()).join(" ") || "nothing";
    throw new Error(
      `${url} is not live after ${LIVE_WITHIN_MS / 1_000} s.\nWaits for: ${waits}\nErrors: ${[...errors, ...failed].join("; ") || "none"}\nShows:\n${body}`,
      { cause },
    );
  }
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
  const contexts = new Set<BrowserContext>();
  const openPage = async ({ width, height, dark = true }: View): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? "dark" : "light",
      locale: "en-GB",
      reducedMotion: "reduce",
    });
    contexts.add(context);
    return await context.newPage();
  };
  const closePage = async (page: Page): Promise<void> => {
    const context = page.context();
    contexts.delete(context);
    await context.close();
  };
  return {
    page: openPage,
    closePage,
    async openLive(url, view) {
      for (let attempt = 1; ; attempt++) {
        const errors: string[] = [];
        const page = await openPage(view);
        try {
          await goLive(page, url, errors);
          return { page, errors };
        } catch (error) {
          await closePage(page);
          if (!(error instanceof NoFrames) || attempt > 1) throw error;
          console.warn(`${error.message}; the page is opened anew`);
        }
      }
    },
    async close() {
      for (const context of contexts) await context.close();
      await browser.close();
    },
  };
}

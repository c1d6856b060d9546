import { type Bench, bounded, reported } from "./figure.js";
import type { SiteMonth, SiteTold } from "./siteMonth.js";
import { startWorker } from "./worker.js";

/** A seed on which no rule was tuned. */
const SEED = "a month that nobody has looked at";
const MOST_OTHERS = 10;
const SITES = 2;

/**
 * A month of a thousand rigs at 60 s, in two sites that are each a process of their own, with a stop planned every day and one rig in a
 * hundred rebooted each day: every fault must be found, and little else told. `--rigs` and `--hours` make it smaller.
 */
export const bench: Bench = async ({ size, say }) => {
  const rigs = size.rigs ?? 1_000;
  const hours = size.hours ?? 720;
  const live = async (site: number): Promise<SiteTold> => {
    const worker = startWorker("siteMonthWorker.ts");
    const share = Math.floor(((site + 1) * rigs) / SITES) - Math.floor((site * rigs) / SITES);
    try {
      return await worker.call<SiteTold>("live", {
        rigs: share,
        hours,
        seed: `${SEED}, site ${site + 1}`,
      } satisfies SiteMonth);
    } finally {
      await worker.stop();
    }
  };
  const sites = await Promise.all(Array.from({ length: SITES }, (_, site) => live(site)));
  const count = (of: (site: SiteTold) => number) => sites.reduce((sum, site) => sum + of(site), 0);
  for (const [i, { missed, others }] of sites.entries()) {
    for (const line of missed) say(`missed: site ${i + 1}, ${line}`);
    for (const line of others.slice(0, 40)) say(`other: site ${i + 1}, ${line}`);
  }
  const days = hours / 24;
  const faults = count((site) => site.faults);
  const found = (faults - count(({ missed }) => missed.length)) / Math.max(1, faults);
  const note = `${rigs} rigs in ${SITES} sites, ${hours} h, ${faults} faults`;
  return [
    bounded("injected faults that were found", found, "", { atLeast: 1 }, { note }),
    bounded(
      "other notifications a day",
      count(({ others }) => others.length) / days,
      "",
      { atMost: MOST_OTHERS },
      { note },
    ),
    reported("notifications a day in all", count(({ told }) => told) / days, "", { note }),
  ];
};

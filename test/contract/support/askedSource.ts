import { fakeClock } from "@hashwatt/protocol/time";
import type { RateQuestion } from "@hashwatt/server/rates/fetch/rateFetcher";
import { fetcherOf, sourceSchema } from "@hashwatt/server/rates/fetch/registry";
import { SourceHttp } from "@hashwatt/server/rates/fetch/sourceHttp";
import { RateSeries } from "@hashwatt/server/rates/rateSeries";
import type { SeriesSlots } from "@hashwatt/server/rates/rateSeriesStore";
import { Secret } from "@hashwatt/server/secret";
import { MemoryRateSeries } from "@hashwatt/server/store/state/memoryRateSeries";
import { KEY, NOW } from "./sourceCases.js";

/** A source that is asked at a time that stands still, of a server of ours, and what it says it lacks. */
export function askedSource(config: Record<string, unknown>, url: string) {
  const clock = fakeClock(NOW);
  const logins = config.kind === "ercot" ? { loginUrl: url } : {};
  const parsed = sourceSchema.parse({ id: "it", url, ...logins, ...config });
  for (const ref of Object.values(parsed))
    if (typeof ref === "object" && ref !== null && "env" in ref)
      Object.assign(ref, { secret: new Secret(KEY) });
  const series = new RateSeries(new MemoryRateSeries());
  const lacking: string[] = [];
  const paid: unknown[] = [];
  const http = new SourceHttp(clock);
  const fetcher = fetcherOf(parsed);
  const question = (): RateQuestion => ({
    nowMs: clock.nowMs(),
    last: (name) => series.last(name),
    http,
    lacks: (what) => void lacking.push(what),
    payouts: async (site, payouts) => void paid.push([site, ...payouts]),
  });
  const fetch = (): Promise<SeriesSlots[]> => fetcher.fetch(question(), new AbortController().signal);
  return { clock, series, lacking, paid, http, fetcher, fetch };
}

import { useMemo } from "react";
import { useFeed, useServerNow } from "../feed/useFeed.js";
import { Figure, Figures } from "../parts/Figures.js";
import { Sparkline } from "../series/Sparkline.js";
import { sumHistories } from "../series/sumHistories.js";
import type { Scope } from "../shell/useScope.js";
import { useWords, type Words } from "../words/words.js";
import { type DayFigure, dayEfficiency, dayFigure, dayUptime } from "./dayFigures.js";
import { nominalShare } from "./nominalShare.js";
import { knownAlgos, mainAlgo, type ScopeHistory } from "./useScopeHistory.js";
import { wholeSteps } from "./wholeSteps.js";

const SOURCES = ["meter", "psu", "firmware", "model", "nameplate"] as const;

/** Where the power comes from, each source with its share, and what the feeders' meters say; undefined while nothing is known. */
function powerNote({ sums, sites }: Scope, { t, format }: Words): string | undefined {
  const parts: string[] = [];
  const all = SOURCES.reduce((sum, source) => sum + (sums.powerBySource[source] ?? 0), 0);
  for (const source of all > 0 ? SOURCES : []) {
    const watts = sums.powerBySource[source];
    if (!watts) continue;
    const share = format.number((watts / all) * 100, 0);
    parts.push(t("figure.powerShare", { share, source: t(`source.short.${source}`) }));
  }
  const feeders = feedersNote(sites, { t, format });
  return [parts.join(", "), feeders].filter(Boolean).join(" · ") || undefined;
}

/** What the meters of the scope's feeders say, and how much of it no rig draws; undefined where no site has any. */
function feedersNote(sites: Scope["sites"], { t, format }: Pick<Words, "t" | "format">): string | undefined {
  const metered = sites.flatMap((site) => site.metered ?? []);
  if (!metered.length) return undefined;
  let powerW = 0;
  let overheadW: number | null = 0;
  for (const each of metered) {
    if (each.powerW === null) return t("figure.feedersSilent");
    powerW += each.powerW;
    overheadW = overheadW === null || each.overheadW === null ? null : overheadW + each.overheadW;
  }
  const shown = format.power(powerW);
  const power = `${shown.text} ${shown.unit}`;
  if (overheadW === null || powerW <= 0) return t("figure.feedersAlone", { power });
  return t("figure.feeders", { power, overhead: format.percent(overheadW / powerW).text });
}

function profitNote(scope: Scope, { t, format }: Words): string | undefined {
  if (scope.sums.reporting === 0) return t("figure.noneReporting");
  const [money, ...others] = scope.sums.money;
  const missing = scope.sites.flatMap((site) => site.inputs).find((input) => input.value === null);
  if (!money || money.profitPerH === null)
    return missing
      ? t("figure.profitMissing", { what: t(`input.${missing.kind}`) })
      : t("figure.profitUnknown");
  const parts: string[] = [];
  if (money.breakEvenPerKwh !== null)
    parts.push(t("figure.breakEven", { price: format.money(money.breakEvenPerKwh, money.currency) }));
  for (const other of others)
    parts.push(
      other.profitPerH === null
        ? t("figure.otherUnknown", { currency: other.currency })
        : `${format.money(other.profitPerH, other.currency, true)}/h`,
    );
  return parts.join(" · ");
}

const LEAST_POINTS = 3;

interface ScopeFiguresProps {
  scope: Scope;
  history: ScopeHistory;
  /** The scope's rigs. */
  rigs: readonly number[];
}

/** The headline figures of a scope, each with the last 24 hours as a line and its coverage. */
export function ScopeFigures({ scope, history, rigs }: ScopeFiguresProps) {
  const { fleet } = useFeed();
  const words = useWords();
  const { t, format } = words;
  const nowMs = useServerNow();
  const { sums } = scope;
  const algo = sums.algos.find((each) => each.algo === mainAlgo(scope));
  const others = sums.algos.filter(
    (each) => each !== algo && (each.algo === "unknown" ? each.reporting > 0 : each.hashrateThs !== null),
  );
  const money = sums.money[0];
  const { bySite } = history;
  const earned = useMemo(() => {
    const sites = scope.sites.filter((site) => site.currency === money?.currency);
    const sum = sumHistories(
      sites.flatMap(({ site }) => bySite.get(site) ?? []),
      ["profitPerH"],
    );
    return sum && wholeSteps(sum);
  }, [bySite, scope.sites, money?.currency]);
  const uptime = dayUptime(history.sums, nowMs);

  // One or two points make no line.
  const spark = (figure: DayFigure | undefined) => {
    const known = figure?.values.filter((value) => value !== null).length ?? 0;
    return <Sparkline values={known < LEAST_POINTS ? [] : figure!.values} />;
  };
  const cover = (figure: DayFigure | undefined, rigs?: number) => {
    const day = figure
      ? t("figure.day", { share: format.percent(figure.coverage).text })
      : t("figure.dayNone");
    return rigs !== undefined && rigs < sums.reporting
      ? `${t("figure.ofRigs", { n: format.number(rigs, 0), total: format.number(sums.reporting, 0) })} · ${day}`
      : day;
  };
  const hashrate = dayFigure(history.hash, "hashrateThs", nowMs);
  const power = dayFigure(history.sums, "powerW", nowMs);
  const efficiency = knownAlgos(scope).length > 1 ? undefined : dayEfficiency(history.sums, nowMs);
  const profit = dayFigure(earned, "profitPerH", nowMs);
  const carbon = dayFigure(history.sums, "co2KgPerH", nowMs);
  const reporting = dayFigure(history.sums, "reportingRigs", nowMs);
  const share =
    algo && algo.hashrateThs !== null ? nominalShare(fleet.table, rigs, algo.algo, nowMs) : undefined;
  const partial = share !== undefined && algo !== undefined && share.rigs < algo.rigs;
  const silent = sums.reporting === 0 ? t("figure.noneReporting") : undefined;
  const ofNominal =
    share === undefined || share.ratio === null
      ? undefined
      : [
          t("figure.ofNominal", { share: format.percent(share.ratio).text }),
          partial &&
            t("figure.ofRigs", { n: format.number(share.rigs, 0), total: format.number(algo.rigs, 0) }),
        ]
          .filter(Boolean)
          .join(", ");
  const co2 = format.mass(sums.co2KgPerH);
  const profitShown = format.moneyParts(money?.profitPerH, money?.currency ?? "", true);
  return (
    <Figures label={t("figures")}>
      <Figure
        field="hashrateThs"
        name={t("field.hashrate")}
        shown={format.hashrate(algo?.hashrateThs)}
        note={[
          silent ?? ofNominal,
          ...others.map((other) => {
            // Rates of who knows which algorithms make no sum.
            if (other.algo === "unknown")
              return t("figure.algoUnknown", { n: format.number(other.reporting, 0) });
            const { text, unit } = format.hashrate(other.hashrateThs);
            return `${other.algo} ${text} ${unit}`;
          }),
        ]
          .filter(Boolean)
          .join(" · ")}
        spark={spark(hashrate)}
        cover={cover(hashrate)}
      />
      <Figure
        field="powerW"
        name={t("field.power")}
        shown={format.power(sums.powerW)}
        note={silent ?? powerNote(scope, words)}
        spark={spark(power)}
        cover={cover(power, sums.rigs - sums.powerUnknownRigs)}
      />
      <Figure
        field="efficiencyJPerTh"
        name={t("field.efficiency")}
        shown={format.efficiency(algo?.efficiencyJPerTh)}
        note={silent ?? t("figure.efficiency")}
        spark={spark(efficiency)}
        cover={cover(efficiency)}
      />
      <Figure
        field="profitPerH"
        name={t("field.profit")}
        shown={{ text: profitShown.text, unit: profitShown.unit ? `${profitShown.unit}/h` : "" }}
        note={profitNote(scope, words)}
        spark={spark(profit)}
        cover={cover(profit, money?.profitPerH === null ? undefined : money?.profitRigs)}
      />
      <Figure
        field="co2KgPerH"
        name={t("field.carbon")}
        shown={{ text: co2.text, unit: co2.unit ? `${co2.unit}/h` : "" }}
        note={silent ?? (sums.co2KgPerH === null ? t("figure.carbonUnknown") : t("figure.carbon"))}
        spark={spark(carbon)}
        cover={cover(carbon, sums.co2KgPerH === null ? undefined : sums.co2Rigs)}
      />
      <Figure
        field="reporting"
        name={t("field.reporting")}
        shown={{
          text: format.number(sums.reporting, 0),
          unit: t("figure.of", { total: format.number(sums.rigs, 0) }),
        }}
        note={uptime === null ? "" : t("figure.uptime", { share: format.percent(uptime).text })}
        spark={spark(reporting)}
        cover={cover(reporting)}
      />
    </Figures>
  );
}

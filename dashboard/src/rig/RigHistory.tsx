import type { RigDetail } from "@hashwatt/protocol/http";
import { useMemo, useState } from "react";
import { fetchRigSeries } from "../feed/fetchApi.js";
import type { LiveTail } from "../feed/liveTail.js";
import { useFeed, useFetched, useServerNow } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import type { ChartLevel, ChartLine } from "../series/chartOptions.js";
import { firstReading } from "../series/firstReading.js";
import { mergeWindow } from "../series/mergeWindow.js";
import { SeriesChart } from "../series/SeriesChart.js";
import { useWords } from "../words/words.js";
import style from "./RigHistory.module.css";

const MINUTE_MS = 60_000;
/** A chart spans at least so much, also of a rig that was just found. */
const LEAST_MS = 10 * MINUTE_MS;
/** A mean over a step of which less was measured would hide the outage in it. */
const LEAST_COVERED = 0.5;
const SPANS = {
  "1h": { spanMs: 60 * MINUTE_MS, stepMs: 15_000, refreshMs: 5 * MINUTE_MS },
  "24h": { spanMs: 1_440 * MINUTE_MS, stepMs: 5 * MINUTE_MS, refreshMs: 5 * MINUTE_MS },
  "7d": { spanMs: 10_080 * MINUTE_MS, stepMs: 60 * MINUTE_MS, refreshMs: 15 * MINUTE_MS },
} as const;
type SpanKey = keyof typeof SPANS;
const SPAN_KEYS: readonly SpanKey[] = ["1h", "24h", "7d"];

const FIELDS = [
  "hashrateThs",
  "hashrateThsMin",
  "hashrateThsMax",
  "powerW",
  "powerWMin",
  "powerWMax",
  "inletTempC",
  "boardTempC",
  "chipTempC",
] as const;

/** The rig's history, going on with every live reading. */
export function RigHistory({ detail, tail }: { detail: RigDetail; tail: LiveTail }) {
  const { t, format } = useWords();
  const feed = useFeed();
  const nowMs = useServerNow();
  const [key, choose] = useState<SpanKey>("1h");
  const { spanMs, stepMs, refreshMs } = SPANS[key];
  const { data, atMs, error, retry } = useFetched(
    `series ${detail.id} ${key}`,
    (signal) => {
      const toMs = feed.serverNowMs();
      const fromMs = Math.floor((toMs - spanMs) / stepMs) * stepMs;
      return fetchRigSeries(detail.id, { fromMs, toMs, stepMs }, FIELDS, signal);
    },
    refreshMs,
  );

  const newestMs = tail.points.at(-1)?.atMs ?? 0;
  // The window moves on by about a pixel at a time, and at once for a new reading.
  const quantumMs = Math.max(1_000, spanMs / 720);
  const toMs = Math.max(Math.floor(nowMs / quantumMs) * quantumMs, newestMs);
  // Before a rig was first seen there was nothing to miss; what its agent kept from before may come in later.
  const firstMs = Math.min(detail.firstSeenMs, firstReading(data) ?? detail.firstSeenMs);
  const fromMs = Math.max(toMs - spanMs, Math.min(firstMs, toMs - LEAST_MS));
  const holdMs = Math.max(30_000, 3 * (detail.sample?.intervalMs ?? 0));
  const window = (fields: readonly string[]) => {
    const merged = mergeWindow(data, tail.points, {
      fromMs,
      toMs,
      fields,
      holdMs,
      leastCovered: LEAST_COVERED,
    });
    const gaps = merged.gaps
      .map(([from, to]): [number, number] => [Math.max(from, firstMs), to])
      .filter(([from, to]) => to - from > holdMs);
    return { ...merged, gaps };
  };

  const nominalThs = detail.evidence.nominalThs;
  const nominal = format.hashrate(nominalThs);
  const hashLevels: ChartLevel[] =
    nominalThs === undefined
      ? []
      : [
          {
            value: nominalThs,
            label: t("level.nominal", { value: `${nominal.text} ${nominal.unit}` }),
            colour: "--ink3",
          },
        ];
  const powerLimitW = detail.sample?.powerLimitW;
  const limitShown = format.power(powerLimitW);
  const powerLevels: ChartLevel[] =
    powerLimitW === undefined
      ? []
      : [
          {
            value: powerLimitW,
            label: t("level.limit", { value: `${limitShown.text} ${limitShown.unit}` }),
            colour: "--ink3",
          },
        ];
  const tempLevels = detail.limits.map(
    ({ sensor, limitC }): ChartLevel => ({
      value: limitC,
      label: t(`level.${sensor}`, { value: `${format.temp(limitC).text} °C` }),
      colour: "--bad",
    }),
  );
  const banded = key !== "1h";
  const lines = useMemo(() => {
    const hashrate: ChartLine[] = [
      {
        field: "hashrateThs",
        label: t("field.hashrate"),
        colour: "--accent",
        ...(banded && { band: ["hashrateThsMin", "hashrateThsMax"] as [string, string] }),
      },
    ];
    const power: ChartLine[] = [
      {
        field: "powerW",
        label: t("field.power"),
        colour: "--accent",
        ...(banded && { band: ["powerWMin", "powerWMax"] as [string, string] }),
      },
    ];
    const temps: ChartLine[] = [
      { field: "chipTempC", label: t("field.chip"), colour: "--loss" },
      { field: "boardTempC", label: t("field.board"), colour: "--accent" },
      { field: "inletTempC", label: t("field.inlet"), colour: "--cold" },
    ];
    return { hashrate, power, temps };
  }, [t, banded]);
  const tempsShown = window(["chipTempC", "boardTempC", "inletTempC"]);
  // A rig without a chip sensor is judged by its boards, and a gap is where those are silent.
  const presentTemps = lines.temps.filter(({ field }) =>
    tempsShown.columns[field]?.some((value) => value !== null),
  );
  const firstTemp = presentTemps[0]?.field ?? "chipTempC";
  const alongside = [
    ...[...hashLevels, ...powerLevels, ...tempLevels].map(({ label }) => label),
    ...presentTemps.map(({ label }) => label),
  ];
  const shared = { fromMs, toMs, zone: detail.zone, alongside };
  return (
    <Panel
      title={t("history.title")}
      note={
        fromMs > toMs - spanMs
          ? t("history.since", { time: format.moment(firstMs, detail.zone) })
          : data
            ? t("history.note", { share: format.percent(data.coverage).text, zone: detail.zone })
            : t("history.loading")
      }
      aside={
        <Choice
          label={t("history.choose")}
          options={SPAN_KEYS.map((value) => ({ value, text: t(`history.${value}`) }))}
          value={key}
          onChoose={(value: SpanKey) => choose(value)}
        />
      }
    >
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {data?.note ? <p className={style.unit}>{data.note}</p> : null}
      <div className={style.charts}>
        <div>
          <h3 className={style.title}>{t("field.hashrate")}</h3>
          <SeriesChart
            {...shared}
            label={t("field.hashrate")}
            kind="hashrate"
            data={window(["hashrateThs", "hashrateThsMin", "hashrateThsMax"])}
            lines={lines.hashrate}
            levels={hashLevels}
            height={150}
          />
        </div>
        <div>
          <h3 className={style.title}>
            {t("field.power")}
            {detail.sample?.powerSource ? (
              <span className={style.unit}>{t(`source.${detail.sample.powerSource}`)}</span>
            ) : null}
          </h3>
          <SeriesChart
            {...shared}
            label={t("field.power")}
            kind="power"
            data={window(["powerW", "powerWMin", "powerWMax"])}
            lines={lines.power}
            levels={powerLevels}
            height={130}
          />
        </div>
        <div>
          <h3 className={style.title}>{t("field.temps")}</h3>
          <SeriesChart
            {...shared}
            label={t("field.temps")}
            kind="temp"
            data={
              firstTemp === "chipTempC"
                ? tempsShown
                : window([firstTemp, "chipTempC", "boardTempC", "inletTempC"])
            }
            lines={presentTemps.length > 0 ? presentTemps : lines.temps}
            levels={tempLevels}
            endLabels={Object.fromEntries(presentTemps.map(({ field, label }) => [field, label]))}
            height={150}
          />
        </div>
      </div>
    </Panel>
  );
}

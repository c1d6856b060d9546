import type { AirNow } from "@hashwatt/protocol/meters";
import { useMemo, useState } from "react";
import { fetchAir } from "../feed/fetchApi.js";
import { useFeed, useFetched, useServerNow } from "../feed/useFeed.js";
import { Choice } from "../parts/Choice.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Waiting } from "../parts/Problem.js";
import type { ChartLine } from "../series/chartOptions.js";
import { mergeWindow } from "../series/mergeWindow.js";
import { SeriesChart } from "../series/SeriesChart.js";
import { useWords } from "../words/words.js";

const HOUR_MS = 3_600_000;
const SPANS = {
  "24h": { spanMs: 24 * HOUR_MS, stepMs: 300_000, word: "history.24h" },
  "7d": { spanMs: 168 * HOUR_MS, stepMs: HOUR_MS, word: "history.7d" },
  "30d": { spanMs: 720 * HOUR_MS, stepMs: 3 * HOUR_MS, word: "air.30d" },
} as const;
type SpanKey = keyof typeof SPANS;
const SPAN_KEYS: readonly SpanKey[] = ["24h", "7d", "30d"];
const REFRESH_MS = 300_000;
const FIELDS = ["mean", "meanMin", "meanMax"];

interface AirDialogProps {
  site: string;
  meter: string;
  unit: AirNow["unit"];
  zone: string;
  onClose(): void;
}

/** The history of one sensor of the air. */
export function AirDialog({ site, meter, unit, zone, onClose }: AirDialogProps) {
  const { t } = useWords();
  const feed = useFeed();
  const nowMs = useServerNow();
  const [key, choose] = useState<SpanKey>("24h");
  const { spanMs, stepMs } = SPANS[key];
  const { data, atMs, error, retry } = useFetched(
    `air ${site} ${meter} ${key}`,
    (signal) => {
      const toMs = feed.serverNowMs();
      return fetchAir(site, { fromMs: toMs - spanMs, toMs, stepMs }, meter, signal);
    },
    REFRESH_MS,
  );
  const history = useMemo(() => {
    const columns = data?.sensors[0]?.columns;
    if (!data || !columns) return undefined;
    const { mean, min, max, covered } = columns;
    return { ...data, columns: { mean, meanMin: min, meanMax: max, covered } };
  }, [data]);
  const toMs = data?.toMs ?? nowMs;
  const fromMs = toMs - spanMs;
  const holdMs = data?.stepMs ?? stepMs;
  const lines = useMemo(
    (): ChartLine[] => [{ field: "mean", label: meter, colour: "--accent", band: ["meanMin", "meanMax"] }],
    [meter],
  );
  return (
    <Dialog
      title={t("air.history", { meter })}
      onClose={onClose}
      actions={
        <button type="button" className={controls.button} onClick={onClose}>
          {t("air.close")}
        </button>
      }
    >
      <div>
        <Choice
          label={t("history.choose")}
          options={SPAN_KEYS.map((value) => ({ value, text: t(SPANS[value].word) }))}
          value={key}
          onChoose={(value: SpanKey) => choose(value)}
        />
      </div>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {history ? (
        <SeriesChart
          label={t("air.chart", { meter })}
          data={mergeWindow(history, [], {
            fromMs,
            toMs,
            fields: FIELDS,
            holdMs,
          })}
          fromMs={fromMs}
          toMs={toMs}
          zone={zone}
          kind={unit === "°C" ? "temp" : "humidity"}
          lines={lines}
          height={220}
        />
      ) : error ? null : (
        <Waiting text={t("history.loading")} height={220} />
      )}
    </Dialog>
  );
}

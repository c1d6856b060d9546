import type { AirNow, AirSeries } from "@hashwatt/protocol/meters";
import { lazy, Suspense, useMemo, useState } from "react";
import { fetchAir } from "../feed/fetchApi.js";
import { useFeed, useFetched, useServerNow } from "../feed/useFeed.js";
import { Live } from "../parts/Live.js";
import { Panel } from "../parts/Panel.js";
import { Sparkline } from "../series/Sparkline.js";
import type { Scope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import style from "./AirPanel.module.css";
import { airShown } from "./airShown.js";

const DAY_MS = 86_400_000;
const STEP_MS = 1_800_000;
const REFRESH_MS = 300_000;
/** Sensors that are seen; a hall has a handful. */
const MOST = 12;

/** Loaded when somebody asks for a sensor's history. */
const AirDialog = lazy(() => import("./AirDialog.js").then((made) => ({ default: made.AirDialog })));

interface SensorProps {
  sensor: AirNow;
  day: AirSeries["sensors"][number] | undefined;
  /** The name of its site, where several are shown. */
  site: string | undefined;
  onOpen(): void;
}

function Sensor({ sensor, day, site, onOpen }: SensorProps) {
  const { t, format, span } = useWords();
  const nowMs = useServerNow();
  const { meter, at, unit, value, atMs } = sensor;
  const shown = airShown(format, unit, value);
  const means = day?.columns.mean ?? [];
  const low = Math.min(...(day?.columns.min ?? []).filter((each) => each !== null));
  const high = Math.max(...(day?.columns.max ?? []).filter((each) => each !== null));
  const age =
    atMs === null
      ? t("air.never")
      : value === null
        ? t("air.silent", { age: span(nowMs - atMs) })
        : t("input.age", { age: span(nowMs - atMs) });
  return (
    <li className={style.sensor} data-sensor={meter} data-silent={value === null}>
      <div className={style.name}>
        <button type="button" className={style.open} onClick={onOpen} title={t("air.open", { meter })}>
          {meter}
        </button>
        <span className={style.dim}>{[site, t(`air.at.${at}`)].filter(Boolean).join(" · ")}</span>
      </div>
      <div className={style.value}>
        <Live field="air" text={shown.text} unit={shown.unit} unitClassName={style.unit} />
        <span className={style.dim} data-field="airAge">
          {age}
        </span>
      </div>
      <div className={style.spark}>
        <Sparkline values={means} />
      </div>
      <span className={style.dim}>
        {Number.isFinite(low)
          ? t("air.range", {
              low: airShown(format, unit, low).text,
              high: `${airShown(format, unit, high).text} ${airShown(format, unit, high).unit}`,
            })
          : ""}
      </span>
    </li>
  );
}

/** What the sensors of rows and of the site say, each with its age and its last day; nothing where there are none. */
export function AirPanel({ scope }: { scope: Scope }) {
  const { t } = useWords();
  const feed = useFeed();
  const [open, setOpen] = useState<{ site: string; meter: string; unit: AirNow["unit"] }>();
  const sites = scope.sites.filter(({ air }) => air !== undefined);
  const slugs = sites.map(({ site }) => site);
  const { data } = useFetched(
    slugs.length > 0 ? `air ${slugs.join(" ")}` : undefined,
    async (signal) => {
      const toMs = feed.serverNowMs();
      const span = { fromMs: toMs - DAY_MS, toMs, stepMs: STEP_MS };
      return Promise.all(
        slugs.map(async (site) => [site, await fetchAir(site, span, undefined, signal)] as const),
      );
    },
    REFRESH_MS,
  );
  const days = useMemo(
    () =>
      new Map(
        (data ?? []).flatMap(([site, { sensors }]) =>
          sensors.map((sensor) => [`${site} ${sensor.meter}`, sensor] as const),
        ),
      ),
    [data],
  );
  const sensors = sites.flatMap((site) => (site.air ?? []).map((sensor) => ({ site, sensor })));
  if (sensors.length === 0) return null;
  const zone = sites.find(({ site }) => site === open?.site)?.zone ?? scope.zone;
  return (
    <Panel title={t("air.title")} note={t("air.note")}>
      <ul data-testid="air">
        {sensors.slice(0, MOST).map(({ site, sensor }) => (
          <Sensor
            key={`${site.site} ${sensor.meter}`}
            sensor={sensor}
            day={days.get(`${site.site} ${sensor.meter}`)}
            site={scope.sites.length > 1 ? site.name : undefined}
            onOpen={() => setOpen({ site: site.site, meter: sensor.meter, unit: sensor.unit })}
          />
        ))}
      </ul>
      {sensors.length > MOST ? (
        <p className={style.dim}>{t("air.more", { n: sensors.length - MOST })}</p>
      ) : null}
      <Suspense fallback={null}>
        {open ? <AirDialog {...open} zone={zone} onClose={() => setOpen(undefined)} /> : null}
      </Suspense>
    </Panel>
  );
}

import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { useLocation } from "wouter";
import { useFeed, useRead, useServerNow } from "../feed/useFeed.js";
import { StatusMark } from "../parts/Marks.js";
import { useWidth } from "../parts/useWidth.js";
import { useThemeVersion } from "../theme/themeStore.js";
import { every, screenClock } from "../time.js";
import { useWords } from "../words/words.js";
import type { Colour } from "./fleetQuery.js";
import style from "./HeatMap.module.css";
import { groupByName, heatLayout, rigAt } from "./heatLayout.js";
import { HeatPainter } from "./heatPainter.js";
import { SCALES } from "./heatScale.js";
import { rigStatus } from "./rigStatus.js";
import { nominalRatio } from "./rowOrder.js";

/** Readings grow stale without any frame saying so: all cells are looked at again this often. */
const REPAINT_MS = 5_000;

interface HeatMapProps {
  /** Rigs in the order of their cells. */
  rigs: readonly number[];
  colour: Colour;
  /** The height that cells shrink to keep within. */
  mostHeight: number;
}

function Tip({ rig, x, y, width }: { rig: number; x: number; y: number; width: number }) {
  const { t, format, span } = useWords();
  const { fleet } = useFeed();
  const nowMs = useServerNow();
  const { table } = fleet;
  useSyncExternalStore(
    (onChange) => fleet.subscribeRig(rig, onChange),
    () => table.version[table.row(rig) ?? -1],
  );
  const row = table.row(rig);
  if (row === undefined) return null;
  const status = rigStatus(table, row, nowMs);
  const hashrate = format.hashrate(table.number("hashrateThs", row));
  const ratio = format.percent(nominalRatio(table, row));
  const power = format.power(table.number("powerW", row));
  const chip = format.temp(table.number("chipTempC", row) ?? table.number("boardTempC", row));
  const receivedMs = table.number("receivedMs", row);
  const faults = table.number("faults", row) ?? 0;
  return (
    <div className={style.tip} style={{ left: Math.max(0, Math.min(x + 14, width - 220)), top: y + 18 }}>
      <div className={style.name}>
        <StatusMark status={status} />
        {table.text("name", row) ?? `r${rig}`}
      </div>
      <div>
        {table.text("model", row) ?? t("unknown.model")} · {t(`status.${status}`)}
      </div>
      <dl className={style.facts}>
        <dt>{t("field.hashrate")}</dt>
        <dd>
          {hashrate.text} {hashrate.unit}
          {ratio.unit ? ` · ${ratio.text} %` : ""}
        </dd>
        <dt>{t("field.power")}</dt>
        <dd>
          {power.text} {power.unit}
        </dd>
        <dt>{t("field.chip")}</dt>
        <dd>
          {chip.text} {chip.unit}
        </dd>
        {faults > 0 ? (
          <>
            <dt>{t("faults.title")}</dt>
            <dd>{format.number(faults, 0)}</dd>
          </>
        ) : null}
        <dt>{t("field.age")}</dt>
        <dd>{receivedMs === null ? "—" : span(nowMs - receivedMs)}</dd>
      </dl>
    </div>
  );
}

/** The fleet as cells on a canvas: hover tells, a click opens the rig. For the keyboard there is the table. */
export function HeatMap({ rigs, colour, mostHeight }: HeatMapProps) {
  const { t, format } = useWords();
  const feed = useFeed();
  const { fleet } = feed;
  const structure = useRead(fleet.structure);
  const theme = useThemeVersion();
  const [box, width] = useWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, navigate] = useLocation();
  const [tip, setTip] = useState<{ rig: number; x: number; y: number }>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: names change in place, structure says when
  const layout = useMemo(() => {
    const { table } = fleet;
    const nameOf = (rig: number) => table.text("name", table.row(rig) ?? -1) ?? "";
    return heatLayout(groupByName(rigs, nameOf), Math.max(1, width), mostHeight);
  }, [rigs, width, mostHeight, structure]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: colours are read from the theme's tokens
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext("2d");
    if (!element || !pen || width === 0) return;
    const show = (value: number) =>
      colour === "temp" ? `${format.temp(value).text} °C` : `${format.number(value * 100, 0)} %`;
    const painter = new HeatPainter(element, pen, fleet.table, layout, colour, devicePixelRatio, show);
    const paintAll = () => painter.paintAll(feed.serverNowMs());
    paintAll();
    // The first drawing asks for the font, and is in another one until it has come.
    let shown = true;
    document.fonts.ready.then(() => {
      if (shown) paintAll();
    });
    const stops = [
      () => {
        shown = false;
      },
      fleet.subscribeRigs((changed) => painter.paintRigs(changed, feed.serverNowMs())),
      every(screenClock, REPAINT_MS, paintAll),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [feed, fleet, layout, colour, theme, width, format]);

  const at = (event: React.PointerEvent | React.MouseEvent) => {
    const bounds = canvas.current!.getBoundingClientRect();
    const x = event.clientX - bounds.left;
    const y = event.clientY - bounds.top;
    return { rig: rigAt(layout, x, y), x, y };
  };
  return (
    <div ref={box} className={style.map} style={{ minHeight: layout.height }}>
      <canvas
        ref={canvas}
        className={style.canvas}
        role="img"
        aria-label={t("heat.label", { n: rigs.length })}
        data-testid="heat-map"
        style={{ width: layout.width, height: layout.height }}
        onPointerMove={(event) => {
          if (event.pointerType === "touch") return;
          const { rig, x, y } = at(event);
          setTip(rig === undefined ? undefined : { rig, x, y });
        }}
        onPointerLeave={() => setTip(undefined)}
        onClick={(event) => {
          const { rig } = at(event);
          if (rig !== undefined) navigate(`/rigs/r${rig}`);
        }}
      />
      {tip ? <Tip rig={tip.rig} x={tip.x} y={tip.y} width={width} /> : null}
    </div>
  );
}

/** A mark of the map, as it is drawn there. */
const Sign = ({ children }: { children: React.ReactNode }) => (
  <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
    {children}
  </svg>
);

/** What the colours and marks of a heat-map mean. */
export function HeatLegend({ colour }: { colour: Colour }) {
  const { t, format } = useWords();
  const { low, high, stops } = SCALES[colour];
  const show = (value: number) =>
    colour === "temp" ? format.temp(value).text : format.number(value * 100, 0);
  return (
    <div className={style.legend}>
      <span className={style.scale}>
        {show(low)}
        <i className={style.ramp} style={{ background: `linear-gradient(90deg, ${stops.join(", ")})` }} />
        {show(high)} {t(`heat.unit.${colour}`)}
      </span>
      <span className={style.sign}>
        <StatusMark status="unreachable" />
        {t("heat.offline")}
      </span>
      <span className={style.sign}>
        <Sign>
          <path d="M1.5 1.5h9v9h-9zm.5 8.5 8-8" fill="none" stroke="currentColor" strokeWidth="1" />
        </Sign>
        {t("status.stale")}
      </span>
      <span className={style.sign}>
        <StatusMark status="sleeping" />
        {t("heat.sleeping")}
      </span>
      <span className={style.sign}>
        <StatusMark status="fault" />
        {t("heat.fault")}
      </span>
      <span className={style.sign}>
        <Sign>
          <path d="M.7.7h10.6v10.6H.7z" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <path d="M6 3 9 8.6H3z" fill="currentColor" />
        </Sign>
        {t("heat.danger")}
      </span>
      <span className={style.sign}>
        <Sign>
          <path
            d={colour === "profit" ? "m2 10 8-8" : "M2 3h8L6 10z"}
            fill="none"
            stroke="currentColor"
            strokeWidth="1.2"
          />
        </Sign>
        {t("heat.money")}
      </span>
      {colour === "temp" ? <span>{t("heat.over")}</span> : null}
    </div>
  );
}

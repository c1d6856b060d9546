import type { RigDetail } from "@hashwatt/protocol/http";
import { lazy, Suspense } from "react";
import { Link } from "wouter";
import { AlertRow } from "../alerts/AlertRow.js";
import { byUrgency } from "../alerts/alertOrder.js";
import { fetchAvailability, fetchRig } from "../feed/fetchApi.js";
import type { LiveTail } from "../feed/liveTail.js";
import { useFetched, useRigFeed, useServerNow } from "../feed/useFeed.js";
import { isOld } from "../fleet/rigStatus.js";
import { Figure, Figures } from "../parts/Figures.js";
import { InputList } from "../parts/InputList.js";
import { type ShownStatus, StatusMark } from "../parts/Marks.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { replayId } from "../replay/replayId.js";
import { useWords, type Words } from "../words/words.js";
import { BoardsPanel } from "./BoardsPanel.js";
import { MoneyPanel } from "./MoneyPanel.js";
import { NamesPanel } from "./NamesPanel.js";
import { newerDetail } from "./newerDetail.js";
import { CoolingPanel, IdentityPanel, PoolsPanel } from "./RigFacts.js";
import { RigHistory } from "./RigHistory.js";
import style from "./RigPage.module.css";
import { FaultsPanel, NotesPanel } from "./RigTroubles.js";

/** It is below what one comes for. */
const AvailabilityPanel = lazy(() =>
  import("../parts/AvailabilityPanel.js").then((part) => ({ default: part.AvailabilityPanel })),
);

const REFRESH_MS = 60_000;

const statusOf = (detail: RigDetail, stale: boolean): ShownStatus =>
  !detail.sample ? "unknown" : stale ? "stale" : detail.sample.status;

/** Hotter than this few makers let a chip run; without a limit nothing would warn of it. */
const HOT_CHIP_C = 95;

/** "3.0 s old", counted on; a dash before the first reading. */
function ReadingAge({ atMs, field }: { atMs: number | null; field?: string }) {
  const { t, span } = useWords();
  const nowMs = useServerNow();
  return <span data-field={field}>{atMs === null ? "—" : t("input.age", { age: span(nowMs - atMs) })}</span>;
}

/** Where the rig's power comes from, and the name of its meter. */
function powerNote({ sample, meter }: RigDetail, t: Words["t"]): string {
  if (sample?.powerSource === undefined) return "";
  if (sample.powerSource !== "meter" || !meter) return t(`source.${sample.powerSource}`);
  return t(meter.at === "rig" ? "source.meterNamed" : "source.meterShared", { meter: meter.meter });
}

function RigFigures({ detail }: { detail: RigDetail }) {
  const { t, format } = useWords();
  const { sample, figures, evidence, limits, receivedMs, currency } = detail;
  const hashrate = sample?.hashrateThs;
  const { nominalThs } = evidence;
  const ratio = hashrate !== undefined && nominalThs ? hashrate / nominalThs : null;
  const chip = limits.find(({ sensor }) => sensor === "chip");
  const board = limits.find(({ sensor }) => sensor === "board");
  const profit = format.moneyParts(figures.profitPerH, currency, true);
  const limitNote = (limit: typeof chip) =>
    limit ? t("figure.limit", { value: format.temp(limit.limitC).text }) : t("limit.none");
  const inlet = format.temp(sample?.inletTempC);
  const age = <ReadingAge atMs={receivedMs} />;
  const metered = sample?.powerSource === "meter" && detail.meter !== undefined;
  const hotUnjudged = !chip && sample?.chipTempC !== undefined && sample.chipTempC > HOT_CHIP_C;
  return (
    <Figures label={t("figures")}>
      <Figure
        field="hashrateThs"
        name={t("field.hashrate")}
        shown={format.hashrate(hashrate)}
        note={ratio === null ? "" : t("figure.ofNominal", { share: format.percent(ratio).text })}
        cover={age}
      />
      <Figure
        field="powerW"
        name={t("field.power")}
        shown={format.power(sample?.powerW)}
        note={powerNote(detail, t)}
        cover={metered ? <ReadingAge atMs={detail.meter?.atMs ?? null} field="meterAge" /> : age}
      />
      <Figure
        field="efficiencyJPerTh"
        name={t("field.efficiency")}
        shown={format.efficiency(figures.efficiencyJPerTh)}
        note={t("figure.rigEfficiency")}
        cover={age}
      />
      <Figure
        field="chipTempC"
        name={t("field.chip")}
        shown={format.temp(sample?.chipTempC)}
        note={hotUnjudged ? <b className={style.unjudged}>! {t("limit.none")}</b> : limitNote(chip)}
        cover={age}
      />
      <Figure
        field="boardTempC"
        name={t("field.board")}
        shown={format.temp(sample?.boardTempC)}
        note={[
          board ? limitNote(board) : undefined,
          inlet.unit ? t("figure.inlet", { value: inlet.text }) : undefined,
        ]
          .filter(Boolean)
          .join(" · ")}
        cover={age}
      />
      <Figure
        field="profitPerH"
        name={t("field.profit")}
        shown={{ text: profit.text, unit: profit.unit ? `${profit.unit}/h` : "" }}
        note={figures.profitPerH === null ? t("figure.profitUnknown") : t("figure.marginal")}
        cover={age}
      />
    </Figures>
  );
}

function Loaded({ detail, tail }: { detail: RigDetail; tail: LiveTail }) {
  const { t, span } = useWords();
  const nowMs = useServerNow();
  const alerts = [...detail.alerts].sort(byUrgency);
  const { receivedMs } = detail;
  // No frame says that no frame comes: age is judged here as well.
  const stale = detail.stale || (receivedMs !== null && isOld(nowMs, receivedMs, detail.sample?.intervalMs));
  const status = statusOf(detail, stale);
  return (
    <div className={style.page} data-rig={detail.rig} data-stale={stale}>
      <div className={style.head}>
        <Link href="/fleet" className={style.back}>
          ← {t("nav.fleet")}
        </Link>
        <h1 className={style.name}>{detail.name}</h1>
        <span className={style.status} data-field="status" data-status={status}>
          <StatusMark status={status} />
          {t(`status.${status}`)}
        </span>
        <span className={style.model}>
          {[detail.evidence.model ?? detail.evidence.make ?? t("unknown.model"), detail.site].join(" · ")}
        </span>
        <span className={style.age}>
          {t("rig.reading")} <ReadingAge atMs={receivedMs} field="readingAge" />
        </span>
      </div>
      {stale && detail.sample ? (
        <div className={style.stale} role="status">
          {t("rig.stale", { age: receivedMs === null ? "—" : span(nowMs - receivedMs) })}
        </div>
      ) : null}
      {detail.handedTo ? (
        <div className={style.stale} role="status">
          {t(detail.handedTo.kind === "merge" ? "rig.handedMerge" : "rig.handedSplit", {
            id: detail.handedTo.id,
          })}{" "}
          <Link href={`/rigs/${detail.handedTo.id}`}>{t("rig.goTo", { id: detail.handedTo.id })}</Link>
        </div>
      ) : null}
      {!detail.sample ? <div className={style.stale}>{t("waiting.reading")}</div> : null}
      <div className={stale ? style.old : undefined}>
        <RigFigures detail={detail} />
      </div>
      <div className={style.columns}>
        <div className={style.column}>
          <div className={style.order1}>
            <NotesPanel detail={detail} />
          </div>
          <div className={style.order1}>
            <FaultsPanel detail={detail} />
          </div>
          <div className={style.order3}>
            <RigHistory detail={detail} tail={tail} />
          </div>
          <div className={style.order5}>
            <BoardsPanel detail={detail} />
          </div>
          <div className={`${style.pair} ${style.order7}`}>
            <IdentityPanel detail={detail} />
            <div className={style.stack}>
              <PoolsPanel detail={detail} />
              {/* Who is which is known of now, and is said of now. */}
              {replayId === undefined ? <NamesPanel detail={detail} /> : null}
            </div>
          </div>
        </div>
        <div className={style.column}>
          {alerts.length > 0 ? (
            <Panel title={t("nav.alerts")} flush className={style.order2}>
              <ul>
                {alerts.map((alert) => (
                  <AlertRow key={alert.id} alert={alert} zone={detail.zone} full />
                ))}
              </ul>
            </Panel>
          ) : null}
          <div className={style.order4}>
            <MoneyPanel detail={detail} />
          </div>
          <div className={style.order6}>
            {replayId === undefined ? (
              <Suspense fallback={null}>
                <AvailabilityPanel
                  name={`r${detail.rig}`}
                  several={false}
                  load={async (range, signal) => [
                    await fetchAvailability("rigs", `r${detail.rig}`, range, signal),
                  ]}
                />
              </Suspense>
            ) : null}
          </div>
          <div className={style.order6}>
            <CoolingPanel detail={detail} />
          </div>
          <Panel title={t("inputs.title")} flush className={style.order8}>
            <InputList inputs={detail.inputs} zone={detail.zone} />
          </Panel>
        </div>
      </div>
    </div>
  );
}

/** One rig: what it does now, what each figure rests on, and how it came here. */
export function RigPage({ id }: { id: string }) {
  const { t } = useWords();
  const live = useRigFeed(id);
  const fetched = useFetched(`rig ${id}`, (signal) => fetchRig(id, signal), REFRESH_MS);
  // Without the live channel its last word stands still, and what is fetched goes on.
  const detail = newerDetail(live.detail, fetched.data);
  usePageTitle(detail?.name ?? id);
  if (detail) return <Loaded detail={detail} tail={live.tail} />;
  if (fetched.error?.code === "missing")
    return (
      <Panel title={t("rig.missing", { id })}>
        <p>{t("rig.missingText")}</p>
        <p>
          <Link href="/fleet">{t("rig.toFleet")}</Link>
        </p>
      </Panel>
    );
  if (fetched.error) return <Problem error={fetched.error} onRetry={fetched.retry} />;
  return <Waiting text={t("rig.loading")} height={300} />;
}

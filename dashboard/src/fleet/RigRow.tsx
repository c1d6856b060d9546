import type { AlertView } from "@hashwatt/protocol/http";
import { memo, type ReactNode, useCallback, useSyncExternalStore } from "react";
import { Link } from "wouter";
import { useFeed, useServerNow } from "../feed/useFeed.js";
import { Live } from "../parts/Live.js";
import { AlertMark, FaultMark, StatusMark } from "../parts/Marks.js";
import { useWords } from "../words/words.js";
import type { TableColumn } from "./columns.js";
import style from "./RigTable.module.css";
import { rigStatus } from "./rigStatus.js";
import { nominalRatio, rowEfficiency } from "./rowOrder.js";

interface RigRowProps {
  rig: number;
  columns: readonly TableColumn[];
  /** Place in the whole table, from 2 on: the head is 1. */
  place: number;
  siteNames: Readonly<Record<string, string>>;
  currencies: Readonly<Record<string, string>>;
  /** On a phone a second line has what there is no column for. */
  twoLines: boolean;
}

function StatusCell({ rig }: { rig: number }) {
  const { t } = useWords();
  const feed = useFeed();
  const nowMs = useServerNow();
  const row = feed.fleet.table.row(rig);
  const status = row === undefined ? "unknown" : rigStatus(feed.fleet.table, row, nowMs);
  const word = t(`status.${status}`);
  return (
    <span className={style.status} data-status={status}>
      <StatusMark status={status} />
      <span className={style.word}>{word}</span>
    </span>
  );
}

const SEVERITIES: readonly string[] = ["danger", "warning", "money", "notice"];
const isSeverity = (text: string | null): text is AlertView["severity"] =>
  text !== null && SEVERITIES.includes(text);

/** A row knows how grave its worst alert is, not the rule: what is silent cannot lose money by mining. */
function AlertCell({ rig, severity }: { rig: number; severity: AlertView["severity"] }) {
  const { t } = useWords();
  const feed = useFeed();
  const nowMs = useServerNow();
  const row = feed.fleet.table.row(rig);
  const status = row === undefined ? "unknown" : rigStatus(feed.fleet.table, row, nowMs);
  const silent = status === "unreachable" || status === "stale" || status === "unknown";
  const rule = severity === "danger" ? "overheating" : silent ? "offline" : "";
  const word = rule === "offline" ? t("rule.offline") : t(`severity.${severity}`);
  return (
    <span className={style.alert} title={word}>
      <AlertMark alert={{ rule, severity, state: "firing" }} />
      <span className="srOnly">{word}</span>
    </span>
  );
}

function AgeCell({ rig, words }: { rig: number; words?: boolean }) {
  const { t, span } = useWords();
  const nowMs = useServerNow();
  const { table } = useFeed().fleet;
  const receivedMs = table.number("receivedMs", table.row(rig) ?? -1);
  if (receivedMs === null) return "—";
  const age = span(nowMs - receivedMs);
  return words ? t("input.age", { age }) : age;
}

/** One rig of the table. It watches its own row only, so that a frame of 500 changes draws what is in sight. */
export const RigRow = memo(function RigRow({
  rig,
  columns,
  place,
  siteNames,
  currencies,
  twoLines,
}: RigRowProps) {
  const { t, format } = useWords();
  const { fleet } = useFeed();
  const { table } = fleet;
  const subscribe = useCallback((onChange: () => void) => fleet.subscribeRig(rig, onChange), [fleet, rig]);
  useSyncExternalStore(subscribe, () => table.version[table.row(rig) ?? -1] ?? -1);
  const row = table.row(rig);
  if (row === undefined) return <tr className={style.row} aria-rowindex={place} />;
  const live = (field: string, { text, unit }: { text: string; unit: string }, className?: string) => (
    <Live field={field} of={rig} text={text} unit={unit} className={className} />
  );
  const site = table.text("site", row) ?? "";
  const alert = table.text("alert", row);
  const faults = table.number("faults", row) ?? 0;

  const cell = (key: TableColumn["key"]): ReactNode => {
    switch (key) {
      case "status":
        return <StatusCell rig={rig} />;
      case "name":
        return (
          <>
            <Link href={`/rigs/r${rig}`} className={style.link}>
              {table.text("name", row) ?? `r${rig}`}
            </Link>
            {isSeverity(alert) ? <AlertCell rig={rig} severity={alert} /> : null}
            {faults > 0 ? (
              <span className={style.alert}>
                <FaultMark count={faults} title={t("faults.count", { n: faults })} />
              </span>
            ) : null}
            {twoLines ? (
              <span className={style.second}>
                {cell("model")} · {cell("powerW")} · {cell("profitPerH")} · <AgeCell rig={rig} words />
              </span>
            ) : null}
          </>
        );
      case "model":
        return table.text("model", row) ?? table.text("make", row) ?? "—";
      case "site":
        return siteNames[site] ?? site;
      case "hashrateThs":
        return live("hashrateThs", format.hashrate(table.number("hashrateThs", row)));
      case "nominalRatio":
        return live("nominalRatio", format.percent(nominalRatio(table, row)));
      case "powerW": {
        const source = table.text("powerSource", row);
        return (
          <>
            {live("powerW", format.power(table.number("powerW", row)))}
            {source === "model" || source === "nameplate" ? (
              <small title={t(`source.${source}`)}> ~</small>
            ) : null}
          </>
        );
      }
      case "efficiencyJPerTh":
        return live("efficiencyJPerTh", format.efficiency(rowEfficiency(table, row)));
      case "boardTempC":
        return live("boardTempC", format.temp(table.number("boardTempC", row)));
      case "chipTempC":
        // Which sensor a limit belongs to the row does not say; that it is passed, the alert does.
        return live(
          "chipTempC",
          format.temp(table.number("chipTempC", row)),
          alert === "danger" ? style.hot : undefined,
        );
      case "fanRpm":
        return live("fanRpm", { text: format.fan(table.number("fanRpm", row)).text, unit: "" });
      case "profitPerH": {
        const profit = table.number("profitPerH", row);
        const text = format.money(profit, currencies[site] ?? "", true);
        return live(
          "profitPerH",
          { text, unit: "" },
          profit === null ? undefined : profit < 0 ? style.loss : style.gain,
        );
      }
      case "age":
        return <AgeCell rig={rig} />;
    }
  };
  return (
    <tr className={style.row} data-rig={rig} aria-rowindex={place}>
      {columns.map((column) => (
        <td
          key={column.key}
          className={`${column.className} ${column.number ? style.number : ""}`}
          title={column.key === "model" ? (table.text("model", row) ?? undefined) : undefined}
        >
          {cell(column.key)}
        </td>
      ))}
    </tr>
  );
});

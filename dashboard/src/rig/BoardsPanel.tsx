import type { RigDetail } from "@hashwatt/protocol/http";
import { useMemo } from "react";
import { fetchBoards } from "../feed/fetchApi.js";
import { useFeed, useFetched } from "../feed/useFeed.js";
import { Live } from "../parts/Live.js";
import { Panel } from "../parts/Panel.js";
import { Sparkline } from "../series/Sparkline.js";
import { useWords } from "../words/words.js";
import style from "./BoardsPanel.module.css";

const DAY_MS = 86_400_000;
const STEP_MS = 1_800_000;
const REFRESH_MS = 600_000;

/** The hash boards as last read, each with its hashrate over the last day. A board that did not answer is not listed. */
export function BoardsPanel({ detail }: { detail: RigDetail }) {
  const { t, format } = useWords();
  const feed = useFeed();
  const boards = detail.sample?.boards;
  const history = useFetched(
    `boards ${detail.id}`,
    (signal) => {
      const toMs = feed.serverNowMs();
      return fetchBoards(detail.id, { fromMs: toMs - DAY_MS, toMs, stepMs: STEP_MS }, signal);
    },
    REFRESH_MS,
  ).data;
  const lines = useMemo(() => {
    const bySlot = new Map<number, (number | null)[]>();
    if (!history) return bySlot;
    const steps = Math.ceil(DAY_MS / history.stepMs);
    const fromMs = history.toMs - DAY_MS;
    for (const { slot, tMs, columns } of history.boards) {
      const line = Array.from({ length: steps }, () => null as number | null);
      tMs.forEach((atMs, row) => {
        const at = Math.floor((atMs - fromMs) / history.stepMs);
        if (at >= 0 && at < steps) line[at] = columns.hashrateThs?.[row] ?? null;
      });
      bySlot.set(slot, line);
    }
    return bySlot;
  }, [history]);
  const serials = new Map(detail.evidence.boardSerials?.map(({ slot, serial }) => [slot, serial]));
  if (!boards || boards.length === 0) return null;
  const shown = (text: string, unit: string) => (
    <>
      {text}
      {unit ? <span className={style.unit}> {unit}</span> : null}
    </>
  );
  return (
    <Panel title={t("boards.title")} aside={t("boards.count", { n: boards.length })} flush>
      <div className={style.scroll}>
        <table className={style.table} data-testid="boards">
          <thead>
            <tr>
              <th scope="col">{t("board.slot")}</th>
              <th scope="col">{t("field.hashrate")}</th>
              <th scope="col">{t("board.day")}</th>
              <th scope="col">{t("field.board")}</th>
              <th scope="col">{t("field.chip")}</th>
              <th scope="col">{t("board.chips")}</th>
              <th scope="col">{t("board.errors")}</th>
              <th scope="col">{t("board.frequency")}</th>
              <th scope="col">{t("board.voltage")}</th>
            </tr>
          </thead>
          <tbody>
            {boards.map((board) => {
              const hashrate = format.hashrate(board.hashrateThs);
              const few =
                board.chips !== undefined &&
                board.chipsExpected !== undefined &&
                board.chips < board.chipsExpected;
              return (
                <tr key={board.slot} data-board={board.slot}>
                  <td>
                    {board.slot}
                    {serials.has(board.slot) ? (
                      <span className={style.serial}>{serials.get(board.slot)}</span>
                    ) : null}
                  </td>
                  <td data-label={t("field.hashrate")}>
                    <Live
                      field="hashrateThs"
                      text={hashrate.text}
                      unit={hashrate.unit}
                      unitClassName={style.unit}
                    />
                  </td>
                  <td className={style.spark} data-label={t("board.day")}>
                    <Sparkline values={lines.get(board.slot) ?? []} />
                  </td>
                  <td data-label={t("field.board")}>
                    {shown(format.temp(board.boardTempC).text, format.temp(board.boardTempC).unit)}
                  </td>
                  <td data-label={t("field.chip")}>
                    {shown(format.temp(board.chipTempC).text, format.temp(board.chipTempC).unit)}
                  </td>
                  <td data-label={t("board.chips")} className={few ? style.few : undefined}>
                    {few ? "▽ " : ""}
                    {format.number(board.chips, 0)}
                    {board.chipsExpected === undefined ? "" : ` / ${format.number(board.chipsExpected, 0)}`}
                  </td>
                  <td data-label={t("board.errors")}>{format.number(board.hwErrors, 0)}</td>
                  <td data-label={t("board.frequency")}>
                    {shown(
                      format.number(board.frequencyMHz, 0),
                      board.frequencyMHz === undefined ? "" : "MHz",
                    )}
                  </td>
                  <td data-label={t("board.voltage")}>
                    {shown(format.number(board.voltageV, 2), board.voltageV === undefined ? "" : "V")}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

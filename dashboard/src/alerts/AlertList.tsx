import type { AlertView } from "@hashwatt/protocol/http";
import { useRef, useState } from "react";
import { flushSync } from "react-dom";
import controls from "../parts/Controls.module.css";
import { Waiting } from "../parts/Problem.js";
import { replayId } from "../replay/replayId.js";
import { AlertActions } from "./AlertActions.js";
import { AlertMembers } from "./AlertMembers.js";
import { AlertRow } from "./AlertRow.js";
import type { AskedOf } from "./AskedDialog.js";
import style from "./Desk.module.css";
import { useDeskWords } from "./deskWords.js";

/** Rows that are shown at once: each has buttons and ages of its own. */
const PAGE = 50;

interface AlertListProps {
  alerts: readonly AlertView[];
  zones: Map<string, string>;
  fallback: string;
  empty: string;
  /** Asks about an alert, in a dialog that stands outside of the list. */
  onAsk(asked: AskedOf): void;
}

/** Alerts with what can be done about each, the first ones at once and the rest when asked for. */
export function AlertList({ alerts, zones, fallback, empty, onAsk }: AlertListProps) {
  const { t, format } = useDeskWords();
  const list = useRef<HTMLUListElement>(null);
  const [most, setMost] = useState(PAGE);
  if (alerts.length === 0) return <Waiting text={empty} />;
  const showMore = () => {
    flushSync(() => setMost(most + 2 * PAGE));
    // The button goes with its last press, and the focus would go with it.
    if (alerts.length > most + 2 * PAGE) return;
    const first = list.current?.children[most];
    if (!(first instanceof HTMLElement)) return;
    first.tabIndex = -1;
    first.focus();
  };
  const left = alerts.length - most;
  return (
    <>
      <ul ref={list}>
        {alerts.slice(0, most).map((alert) => (
          <AlertRow
            key={alert.id}
            alert={alert}
            zone={zones.get(alert.site) ?? fallback}
            full
            actions={
              replayId === undefined ? (
                <AlertActions alert={alert} onAsk={(kind) => onAsk({ kind, alert })} />
              ) : null
            }
            below={alert.members ? <AlertMembers alert={alert} /> : null}
          />
        ))}
      </ul>
      {left > 0 ? (
        <div className={style.pad}>
          <button type="button" className={controls.button} onClick={showMore}>
            {t("desk.more", { n: format.number(left, 0) })}
          </button>
        </div>
      ) : null}
    </>
  );
}

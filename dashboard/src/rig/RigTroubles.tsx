import type { RigDetail } from "@hashwatt/protocol/http";
import type { NoteCode } from "@hashwatt/protocol/sample";
import { Panel } from "../parts/Panel.js";
import { useWords } from "../words/words.js";
import style from "./Facts.module.css";

/** Faults that the firmware reports, by the vendor's own codes, with what to do about them; nothing where there are none. */
export function FaultsPanel({ detail }: { detail: RigDetail }) {
  const { t } = useWords();
  const faults = detail.sample?.faults;
  if (!faults || faults.length === 0) return null;
  return (
    <Panel title={t("faults.title")} note={t("faults.note")}>
      <ul>
        {faults.map(({ code, text, cause, fix }) => (
          <li key={code} className={style.fault}>
            <b>× {code}</b> {text}
            {cause ? <div className={style.dim}>{t("faults.cause", { cause })}</div> : null}
            {fix ? <div className={style.dim}>{t("faults.fix", { fix })}</div> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const KNOWN: readonly string[] = [
  "unsupported",
  "loginRefused",
  "unitSuspect",
  "rejected",
] satisfies readonly NoteCode[];

const isKnown = (code: string): code is NoteCode => KNOWN.includes(code);

/** What stands between the agent and all that this rig could tell; nothing where there is nothing. */
export function NotesPanel({ detail }: { detail: RigDetail }) {
  const { t } = useWords();
  const { notes } = detail.evidence;
  // Of a rig that gives no reading at all nothing standard is read either.
  const unread = detail.sample?.status === "unreachable";
  if (!notes || notes.length === 0) return null;
  return (
    <Panel title={t("notes.title")}>
      <ul>
        {notes.map(({ code, text }) => (
          <li key={code} className={style.fault} data-note={code}>
            <b>
              !{" "}
              {unread && code === "unsupported" ? t("note.unread") : isKnown(code) ? t(`note.${code}`) : code}
            </b>
            {text ? <div className={style.dim}>{text}</div> : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

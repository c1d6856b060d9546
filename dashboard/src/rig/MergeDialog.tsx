import type { RigIdentity } from "@hashwatt/protocol/identity";
import { useState } from "react";
import { useFeed, useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import { type Candidate, findRigs } from "./findRigs.js";
import { fetchIdentity, mergeRig } from "./identityApi.js";
import style from "./KeepingDialog.module.css";
import { nameText } from "./namePlace.js";
import type { KeepingDialogProps } from "./SplitDialog.js";

const REFRESH_MS = 60_000;
const MOST = 8;

const called = ({ id, name }: { id: string; name: string }) => (name === id ? id : `${name} (${id})`);

/** What goes where when one rig becomes another. */
function Moves({ giver, taker, zone }: { giver: RigIdentity; taker: RigIdentity; zone: string }) {
  const { t, format } = useWords();
  const sinceMs = Math.min(giver.firstSeenMs, taker.firstSeenMs);
  return (
    <ul className={style.moves} data-testid="moves">
      <li>
        {t("merge.names", { names: giver.aliases.map(nameText).join(", ") || "—", into: called(taker) })}
      </li>
      <li>{t("merge.history", { into: called(taker), date: format.date(sinceMs, zone) })}</li>
      <li>{t("merge.gone", { from: called(giver), into: taker.id })}</li>
      <li>{t("keep.undoable")}</li>
    </ul>
  );
}

/** Chooses which rig this one is the same as and which of the two goes on, and says what would move before it is done. */
export function MergeDialog({ identity, zone, onClose, onDone }: KeepingDialogProps) {
  const { t } = useWords();
  const { fleet } = useFeed();
  const doing = useDoing();
  const [text, setText] = useState("");
  const [chosen, choose] = useState<string>();
  const [turned, turn] = useState(false);
  const other = useFetched(
    chosen && `identity ${chosen}`,
    (signal) => fetchIdentity(chosen ?? "", signal),
    REFRESH_MS,
  );
  const related: Candidate[] = identity.related.map(({ id, name, model, mac, shares, over }) => ({
    id,
    name,
    about: [
      model,
      mac,
      t("names.shares", { what: shares.map((kind) => t(`identity.${kind}`)).join(", ") }),
      over ? t("names.over") : undefined,
    ]
      .filter(Boolean)
      .join(" · "),
  }));
  const candidates = text.trim() ? findRigs(fleet.table, text, identity.id, MOST) : related;
  // Of two keys of one rig the older has the longer history.
  const isOlder = other.data ? identity.firstSeenMs <= other.data.firstSeenMs : true;
  const keepsOwn = turned ? !isOlder : isOlder;
  const [giver, taker] = !other.data ? [] : keepsOwn ? [other.data, identity] : [identity, other.data];
  const merge = () => {
    if (giver && taker) void doing.run(async () => onDone((await mergeRig(giver.id, taker.id)).id));
  };
  return (
    <Dialog
      title={t("merge.title", { name: called(identity) })}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("access.cancel")}
          </button>
          <button
            type="button"
            className={controls.go}
            disabled={!giver}
            aria-disabled={doing.busy}
            onClick={merge}
          >
            {t("merge.do")}
          </button>
        </>
      }
    >
      <p>{t("merge.when")}</p>
      <label className={style.field}>
        {t("merge.find")}
        <input
          className={controls.input}
          type="search"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      {candidates.length > 0 ? (
        <fieldset className={style.choices} data-testid="candidates">
          <legend className="srOnly">{t("merge.find")}</legend>
          {candidates.map((each) => (
            <label key={each.id} className={style.choice}>
              <input
                type="radio"
                name="other"
                checked={chosen === each.id}
                onChange={() => {
                  choose(each.id);
                  turn(false);
                }}
              />
              <span>{called(each)}</span>
              {each.about ? <small>{each.about}</small> : null}
            </label>
          ))}
        </fieldset>
      ) : (
        <p className={style.dim}>{t(text.trim() ? "merge.noneFound" : "merge.noneRelated")}</p>
      )}
      {other.error && !other.data ? <Problem error={other.error} onRetry={other.retry} /> : null}
      {chosen && !other.data && !other.error ? <Waiting text={t("names.loading")} /> : null}
      {giver && taker && other.data ? (
        <>
          <fieldset className={style.choices}>
            <legend className={style.dim}>{t("merge.keep")}</legend>
            {[identity, other.data].map((each) => (
              <label key={each.id} className={style.choice}>
                <input
                  type="radio"
                  name="kept"
                  checked={taker.id === each.id}
                  onChange={() => turn((each.id === identity.id) !== isOlder)}
                />
                <span>{called(each)}</span>
              </label>
            ))}
          </fieldset>
          <Moves giver={giver} taker={taker} zone={zone} />
        </>
      ) : null}
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}

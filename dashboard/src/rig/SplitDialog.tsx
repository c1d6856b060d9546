import type { RigIdentity } from "@hashwatt/protocol/identity";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import { splitRig } from "./identityApi.js";
import style from "./KeepingDialog.module.css";
import { nameText } from "./namePlace.js";

/** What a merge or a split works on, and what follows: `onDone` is called with the rig that has the names now. */
export interface KeepingDialogProps {
  identity: RigIdentity;
  zone: string;
  onClose(): void;
  onDone(id: string): void;
}

/** Says what a split would move before it is done. */
export function SplitDialog({ identity, zone, onClose, onDone }: KeepingDialogProps) {
  const { t, format } = useWords();
  const doing = useDoing();
  const { id, name, aliases, firstSeenMs } = identity;
  const split = () => void doing.run(async () => onDone((await splitRig(id)).id));
  return (
    <Dialog
      title={t("split.title", { name })}
      onClose={onClose}
      actions={
        <>
          <button type="button" className={controls.button} onClick={onClose}>
            {t("access.cancel")}
          </button>
          <button type="button" className={controls.go} aria-disabled={doing.busy} onClick={split}>
            {t("split.do")}
          </button>
        </>
      }
    >
      <p>{t("split.when")}</p>
      <ul className={style.moves} data-testid="moves">
        <li>{t("split.names", { names: aliases.map(nameText).join(", ") || "—" })}</li>
        <li>{t("split.history", { id, date: format.date(firstSeenMs, zone) })}</li>
        <li>{t("split.fresh")}</li>
        <li>{t("keep.undoable")}</li>
      </ul>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}

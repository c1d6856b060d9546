import { useEffect, useRef, useState } from "react";
import { firingAlone, heardAnew, newlyFiring } from "../alerts/newlyFiring.js";
import { ruleName } from "../alerts/ruleName.js";
import { useFeed, useRead } from "../feed/useFeed.js";
import { useSaid } from "../words/useSaid.js";
import { useWords } from "../words/words.js";
import { useScope } from "./useScope.js";

/** Says each alert that begins to fire once, to who does not see the screen. */
export function AlertAnnouncer() {
  const { t, format } = useWords();
  const said = useSaid();
  const scope = useScope();
  const alerts = useRead(useFeed().alerts);
  const before = useRef<{ site: string; ids: ReadonlySet<string> }>(undefined);
  const [text, setText] = useState("");
  const site = scope?.key;
  useEffect(() => {
    if (!alerts || site === undefined) return;
    const firing = firingAlone(alerts, site);
    // What fires at another site is not new because one looks there.
    const fresh = newlyFiring(before.current?.site === site ? before.current.ids : undefined, firing);
    before.current = { site, ids: new Set(firing.map(({ id }) => id)) };
    const first = fresh[0];
    if (!first) return;
    const { subject, members, rule } = first;
    const what = `${members ? said(subject.name) : subject.name}, ${ruleName(t, rule)}`;
    const news =
      fresh.length === 1
        ? t("alert.new", { what })
        : t("alert.newMany", { n: format.number(fresh.length, 0), what });
    setText((last) => heardAnew(last, news));
  }, [alerts, site, t, format, said]);
  return (
    <div className="srOnly" role="status" aria-live="polite" data-testid="new-alerts">
      {text}
    </div>
  );
}

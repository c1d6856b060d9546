import type { AlertRoute } from "@hashwatt/protocol/alerting";
import { useState } from "react";
import { useFetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import style from "./Desk.module.css";
import { fetchRoutes, removeRoute } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { matchText } from "./matchText.js";
import { RouteDialog } from "./RouteDialog.js";
import { ruleName } from "./ruleName.js";

const REFRESH_MS = 60_000;

/** Who is told of what, in the order in which it is asked. */
export function RoutesPanel({ channels }: { channels: readonly string[] }) {
  const { t, words } = useDeskWords();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const { data, atMs, error, retry } = useFetched(`routes ${channels.join()}`, fetchRoutes, REFRESH_MS);
  const [editing, setEditing] = useState<AlertRoute | "new">();
  const remove = (id: string) =>
    void doing
      .queue(() => removeRoute(id))
      .then((done) => {
        if (done) retry();
      });
  const says = (route: AlertRoute): string[] => [
    ...(route.quiet ?? []).map(({ from, to }) => t("desk.says.quiet", { from, to })),
    ...(route.repeatMin === undefined ? [] : [t("desk.says.repeat", { n: route.repeatMin })]),
    ...(route.escalate
      ? [t("desk.says.escalate", { n: route.escalate.afterMin, to: route.escalate.to })]
      : []),
    ...(route.escalationOnly ? [t("desk.escalationOnly")] : []),
    ...(route.digestAt === undefined ? [] : [t("desk.says.digest", { at: route.digestAt })]),
    ...(route.last ? [t("desk.last")] : []),
    ...(route.off ? [t("desk.off")] : []),
  ];
  return (
    <Panel title={t("desk.routes")} note={t("desk.routesNote")}>
      <div className={style.tools}>
        <button
          type="button"
          className={controls.go}
          disabled={!may}
          title={why}
          onClick={() => setEditing("new")}
        >
          {t("desk.addRoute")}
        </button>
        {why ? <span className={style.dim}>{why}</span> : null}
      </div>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("desk.loading")} height={80} /> : null}
      {data && data.length > 0 ? (
        <ul className={style.list} data-testid="routes">
          {data.map((route) => (
            <li key={route.id} data-route={route.id}>
              <span>
                <b>{route.name ?? route.id}</b> ·{" "}
                {matchText(t, (rule) => ruleName(words.t, rule), route.match)} ·{" "}
                {route.channels ? t("desk.to", { channels: route.channels.join(", ") }) : t("desk.toAll")}
              </span>
              {says(route).length ? <span className={style.dim}>{says(route).join(" · ")}</span> : null}
              {route.builtIn ? (
                <span className={style.dim}>{t("desk.builtIn")}</span>
              ) : (
                <div className={style.actions}>
                  <button
                    type="button"
                    className={controls.button}
                    disabled={!may}
                    title={why}
                    onClick={() => setEditing(route)}
                  >
                    {t("desk.edit")}
                  </button>
                  <SureButton
                    text={t("desk.remove")}
                    sure={t("desk.removeSure")}
                    off={why}
                    onSure={() => remove(route.id)}
                  />
                </div>
              )}
            </li>
          ))}
        </ul>
      ) : null}
      {doing.error ? <Problem error={doing.error} /> : null}
      {editing ? (
        <RouteDialog
          route={editing === "new" ? undefined : editing}
          channels={channels}
          others={(data ?? []).filter((each) => !each.builtIn).map(({ id }) => id)}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            retry();
          }}
        />
      ) : null}
    </Panel>
  );
}

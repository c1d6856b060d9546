import type { ChannelView } from "@hashwatt/protocol/alerting";
import { useState } from "react";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useMay } from "../session/useMay.js";
import { useSaid } from "../words/useSaid.js";
import { ChannelDialog } from "./ChannelDialog.js";
import style from "./Desk.module.css";
import { fetchChannels, fetchLetters, removeChannel, sendAgain, testChannel, throwAway } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";
import { RoutesPanel } from "./RoutesPanel.js";

const REFRESH_MS = 10_000;

function ChannelRow({ channel, changed, onEdit }: { channel: ChannelView; changed(): void; onEdit(): void }) {
  const { t, format, span } = useDeskWords();
  const said = useSaid();
  const nowMs = useServerNow();
  const operator = useMay("operator");
  const admin = useMay("admin");
  const doing = useDoing();
  const [tested, setTested] = useState<{ delivered: boolean; reason?: string }>();
  const test = () =>
    void doing
      .run(async () => setTested(await testChannel(channel.id)))
      .then((done) => {
        if (done) changed();
      });
  const remove = () =>
    void doing
      .run(() => removeChannel(channel.id))
      .then((done) => {
        if (done) changed();
      });
  const { id, kind, name, origin, off, lost, problem, problemMs, delivered, deliveredMs, waiting, dead } =
    channel;
  const why = origin === "config" ? t("desk.ofConfig") : admin.why;
  return (
    <li data-channel={id} data-problem={problem ?? ""}>
      <span>
        <b>{name ?? id}</b> · {t(`desk.kind.${kind}`)}
        {name ? ` · ${id}` : ""}
        {off ? ` · ${t("desk.off")}` : ""}
      </span>
      {lost ? (
        <span className={style.bad}>
          ! {t("desk.lost", { fields: lost.map((field) => t(`desk.field.${field}`)).join(", ") })}
        </span>
      ) : problem === undefined ? null : (
        <span className={style.bad}>
          ! {t("desk.problem", { age: span(nowMs - (problemMs ?? nowMs)), text: said(problem) })}
        </span>
      )}
      <span className={style.dim}>
        {deliveredMs === null
          ? t("desk.notUsed")
          : t("desk.delivered", { n: format.number(delivered, 0), age: span(nowMs - deliveredMs) })}
        {waiting ? ` · ${t("desk.waiting", { n: format.number(waiting, 0) })}` : ""}
        {dead ? ` · ${t("desk.dead", { n: format.number(dead, 0) })}` : ""}
        {origin === "config" ? ` · ${t("desk.ofConfig")}` : ""}
      </span>
      <div className={style.actions}>
        <button
          type="button"
          data-act="test"
          className={controls.button}
          disabled={!operator.may || off}
          title={operator.why}
          aria-disabled={doing.busy}
          onClick={test}
        >
          {t("desk.test")}
        </button>
        <button
          type="button"
          className={controls.button}
          disabled={why !== undefined || !admin.may}
          title={why}
          onClick={onEdit}
        >
          {t("desk.edit")}
        </button>
        <SureButton
          text={t("desk.remove")}
          sure={t("desk.removeSure")}
          off={why ?? (admin.may ? undefined : "")}
          onSure={remove}
        />
        <span role="status">
          {tested ? (
            <span
              className={tested.delivered ? style.good : style.bad}
              data-tested={String(tested.delivered)}
            >
              {tested.delivered
                ? `✓ ${t("desk.testOk")}`
                : `! ${t("desk.testBad", { reason: said(tested.reason ?? "") })}`}
            </span>
          ) : null}
        </span>
      </div>
      {doing.error ? <Problem error={doing.error} /> : null}
    </li>
  );
}

/** `dead`: how many letters the channels count, as last heard: with another number they are asked for again. */
function LettersPanel({ dead, changed }: { dead: number; changed(): void }) {
  const { t, format, span } = useDeskWords();
  const said = useSaid();
  const nowMs = useServerNow();
  const { may, why } = useMay("operator");
  const doing = useDoing();
  const { data, atMs, error, retry } = useFetched(`letters ${dead}`, fetchLetters, REFRESH_MS);
  const act = (work: () => Promise<unknown>) =>
    void doing.queue(work).then((done) => {
      if (!done) return;
      retry();
      changed();
    });
  return (
    <Panel
      title={t("desk.letters")}
      note={t("desk.lettersNote")}
      aside={data?.length ? format.number(data.length, 0) : undefined}
    >
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      {!data && !error ? <Waiting text={t("desk.loading")} height={80} /> : null}
      {data?.length === 0 ? <Waiting text={t("desk.lettersNone")} /> : null}
      {data && data.length > 0 ? (
        <ul className={style.list} data-testid="letters">
          {data.map(({ id, channel, title, reason, attempts, failedMs }) => (
            <li key={id}>
              <span>
                <b>{channel}</b> · {title}
              </span>
              <span className={style.bad}>! {said(reason)}</span>
              <span className={style.dim}>
                {t("desk.attempts", { n: attempts })} · {span(nowMs - failedMs)}
              </span>
              <div className={style.actions}>
                <button
                  type="button"
                  className={controls.button}
                  disabled={!may}
                  title={why}
                  onClick={() => act(() => sendAgain(id))}
                >
                  {t("desk.again")}
                </button>
                <SureButton
                  text={t("desk.throwAway")}
                  sure={t("desk.removeSure")}
                  off={why}
                  onSure={() => act(() => throwAway(id))}
                />
              </div>
            </li>
          ))}
        </ul>
      ) : null}
      {doing.error ? <Problem error={doing.error} /> : null}
    </Panel>
  );
}

/** Who is told of alerts and how that goes: channels, routes, and what could not be delivered. */
export function DeliveryPanels() {
  const { t } = useDeskWords();
  const { may, why } = useMay("admin");
  const { data, atMs, error, retry } = useFetched("channels", fetchChannels, REFRESH_MS);
  const [editing, setEditing] = useState<ChannelView | "new">();
  return (
    <>
      <Panel title={t("desk.channels")} note={t("desk.channelsNote")}>
        <div className={style.tools}>
          <button
            type="button"
            className={controls.go}
            disabled={!may}
            title={why}
            onClick={() => setEditing("new")}
          >
            {t("desk.addChannel")}
          </button>
          {why ? <span className={style.dim}>{why}</span> : null}
        </div>
        <FetchProblem error={error} atMs={atMs} retry={retry} />
        {!data && !error ? <Waiting text={t("desk.loading")} height={120} /> : null}
        {data?.length === 0 ? <Waiting text={t("desk.channelsNone")} /> : null}
        {data && data.length > 0 ? (
          <ul className={style.list} data-testid="channels">
            {data.map((channel) => (
              <ChannelRow
                key={channel.id}
                channel={channel}
                changed={retry}
                onEdit={() => setEditing(channel)}
              />
            ))}
          </ul>
        ) : null}
      </Panel>
      <LettersPanel dead={(data ?? []).reduce((sum, { dead }) => sum + dead, 0)} changed={retry} />
      <RoutesPanel channels={data?.map(({ id }) => id) ?? []} />
      {editing ? (
        <ChannelDialog
          channel={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
          onSaved={() => {
            setEditing(undefined);
            retry();
          }}
        />
      ) : null}
    </>
  );
}

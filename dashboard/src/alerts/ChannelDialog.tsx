import type { ChannelInput, ChannelView } from "@hashwatt/protocol/alerting";
import {
  CHANNEL_FIELDS,
  CHANNEL_KINDS,
  CHANNEL_SECRETS,
  type ChannelField,
  type ChannelKind,
  type ChannelSecret,
} from "@hashwatt/protocol/channelKinds";
import { type FormEvent, useId, useState } from "react";
import controls from "../parts/Controls.module.css";
import { Dialog } from "../parts/Dialog.js";
import { FormActions } from "../parts/FormActions.js";
import { Problem } from "../parts/Problem.js";
import { useDoing } from "../parts/useDoing.js";
import style from "./Desk.module.css";
import { putChannel } from "./deskApi.js";
import { useDeskWords } from "./deskWords.js";

interface ChannelDialogProps {
  /** Undefined: a new one. */
  channel: ChannelView | undefined;
  onClose(): void;
  onSaved(): void;
}

const isSecret = (field: ChannelField): field is ChannelSecret =>
  (CHANNEL_SECRETS as readonly string[]).includes(field);

/** What a form says, as the server takes it; an empty field says nothing. */
function inputOf(kind: ChannelKind, off: boolean, values: Readonly<Record<string, string>>): ChannelInput {
  const { needs, may } = CHANNEL_FIELDS[kind];
  const input: Record<string, unknown> = { kind };
  if (off) input.off = true;
  for (const field of ["name", ...needs, ...may] as const) {
    const text = values[field]?.trim();
    if (!text) continue;
    input[field] =
      field === "to" ? text.split(/[,\s]+/).filter(Boolean) : field === "port" ? Number(text) : text;
  }
  return input as ChannelInput;
}

/** The form of one channel. Its secrets are never shown: one that is left empty stays as it is. */
export function ChannelDialog({ channel, onClose, onSaved }: ChannelDialogProps) {
  const { t } = useDeskWords();
  const form = useId();
  const doing = useDoing();
  const [id, setId] = useState(channel?.id ?? "");
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? "email");
  const [off, setOff] = useState(channel?.off ?? false);
  const [values, setValues] = useState<Record<string, string>>(() => ({
    name: channel?.name ?? "",
    chat: channel?.chat ?? "",
    host: channel?.host ?? "",
    port: channel?.port === undefined ? "" : String(channel.port),
    tls: channel?.tls ?? "",
    username: channel?.username ?? "",
    from: channel?.from ?? "",
    to: channel?.to?.join(", ") ?? "",
    ca: channel?.ca ?? "",
  }));
  const set = (field: string, value: string) => setValues((before) => ({ ...before, [field]: value }));
  const { needs, may } = CHANNEL_FIELDS[kind];
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (await doing.run(() => putChannel(id.trim(), inputOf(kind, off, values)))) onSaved();
  };
  const fieldOf = (field: ChannelField) => {
    const held = isSecret(field) && channel?.kind === kind && channel.secrets.includes(field);
    return (
      <div key={field} className={field === "ca" ? `${style.field} ${style.wide}` : style.field}>
        <label htmlFor={`${form}-${field}`}>{t(`desk.field.${field}`)}</label>
        {field === "tls" ? (
          <select
            id={`${form}-${field}`}
            className={controls.input}
            name={field}
            value={values[field] || "starttls"}
            onChange={(event) => set(field, event.target.value)}
          >
            {["starttls", "tls", "none"].map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        ) : field === "ca" ? (
          <textarea
            id={`${form}-${field}`}
            className={style.pem}
            name={field}
            value={values[field] ?? ""}
            rows={3}
            maxLength={100_000}
            placeholder="-----BEGIN CERTIFICATE-----"
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set(field, event.target.value)}
          />
        ) : (
          <input
            id={`${form}-${field}`}
            className={controls.input}
            name={field}
            type={isSecret(field) && field !== "url" ? "password" : "text"}
            value={values[field] ?? ""}
            required={needs.includes(field) && !held}
            maxLength={2_000}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => set(field, event.target.value)}
          />
        )}
        {held ? (
          <small>{t("desk.secretKept")}</small>
        ) : isSecret(field) && channel?.kind === kind && channel.lost?.includes(field) ? (
          <small>{t("desk.secretLost")}</small>
        ) : may.includes(field) ? (
          <small>{t("desk.optional")}</small>
        ) : null}
      </div>
    );
  };
  return (
    <Dialog
      title={channel ? t("desk.editChannel", { id: channel.id }) : t("desk.addChannel")}
      onClose={onClose}
      actions={
        <FormActions
          form={form}
          no={t("desk.cancel")}
          yes={t("desk.save")}
          busy={doing.busy}
          onClose={onClose}
        />
      }
    >
      <form id={form} className={style.form} onSubmit={(event) => void save(event)} data-testid="channel">
        <label className={style.field}>
          {t("desk.kind")}
          <select
            className={controls.input}
            name="kind"
            value={kind}
            onChange={(event) => setKind(CHANNEL_KINDS.find((each) => each === event.target.value) ?? kind)}
          >
            {CHANNEL_KINDS.map((each) => (
              <option key={each} value={each}>
                {t(`desk.kind.${each}`)}
              </option>
            ))}
          </select>
        </label>
        <label className={style.field}>
          {t("desk.id")}
          <input
            className={controls.input}
            name="id"
            value={id}
            required
            disabled={channel !== undefined}
            pattern="[a-z0-9]([a-z0-9\-]{0,62}[a-z0-9])?"
            maxLength={64}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setId(event.target.value)}
          />
          <small>{t("desk.idHint")}</small>
        </label>
        <label className={style.field}>
          {t("desk.name")}
          <input
            className={controls.input}
            name="name"
            value={values.name ?? ""}
            maxLength={100}
            autoComplete="off"
            onChange={(event) => set("name", event.target.value)}
          />
          <small>{t("desk.optional")}</small>
        </label>
        {[...needs, ...may].map(fieldOf)}
        <fieldset className={`${style.checks} ${style.wide}`}>
          <label>
            <input type="checkbox" checked={off} onChange={(event) => setOff(event.target.checked)} />
            {t("desk.off")}
          </label>
        </fieldset>
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Dialog>
  );
}

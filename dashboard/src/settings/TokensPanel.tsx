import type { MadeToken, Scope, TokenView } from "@hashwatt/protocol/access";
import { type FormEvent, useState } from "react";
import type { Fetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import style from "./Access.module.css";
import { createToken, revokeToken } from "./accessApi.js";

const SCOPES: readonly Scope[] = ["read", "operate", "admin"];

/** The text of a new token, until somebody says that they have it. */
function Made({ token: { name, token }, done }: { token: MadeToken; done(): void }) {
  const { t } = useWords();
  return (
    <div className={style.made} role="status">
      <span>{t("access.made", { name })}</span>
      <input
        className={controls.input}
        readOnly
        value={token}
        aria-label={t("access.made", { name })}
        onFocus={(event) => event.target.select()}
        data-testid="madeToken"
      />
      <button type="button" className={controls.button} onClick={done}>
        {t("access.madeDone")}
      </button>
    </div>
  );
}

interface TokensPanelProps {
  tokens: Fetched<TokenView[]>;
  zone: string;
  /** Nobody is asked for a token here. */
  open: boolean;
  changed(): void;
}

/** The tokens of programs: made and revoked. `changed` is called after each. */
export function TokensPanel({ tokens, zone, open, changed }: TokensPanelProps) {
  const { t, format } = useWords();
  const doing = useDoing();
  const [made, setMade] = useState<MadeToken>();
  const create = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const of = new FormData(form);
    const scope = SCOPES.find((each) => each === of.get("scope")) ?? "read";
    const done = await doing.run(async () =>
      setMade(await createToken(String(of.get("name")), scope, Number(of.get("days")))),
    );
    if (!done) return;
    form.reset();
    changed();
  };
  const revoke = (id: string) =>
    void doing
      .queue(() => revokeToken(id))
      .then((done) => {
        if (done) changed();
      });
  const off = open ? t("access.noTokensOpen") : undefined;
  return (
    <Panel
      title={t("access.tokens")}
      note={t("access.tokensNote")}
      aside={tokens.data?.length ? t("access.tokensCount", { n: tokens.data.length }) : undefined}
    >
      <FetchProblem {...tokens} />
      {tokens.data?.length ? (
        <table className={style.table} data-testid="tokens">
          <thead>
            <tr>
              <th scope="col">{t("access.name")}</th>
              <th scope="col">{t("access.scope")}</th>
              <th scope="col">{t("access.until")}</th>
              <th scope="col">{t("access.lastUsed")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {tokens.data.map(({ id, name, scope, from, state, expiresMs, lastUsedMs }) => (
              <tr key={id} data-token={name} data-state={state}>
                <th scope="row">{name}</th>
                <td data-label={t("access.scope")}>{t(`scope.${scope}`)}</td>
                <td data-label={t("access.until")}>
                  {state === "valid"
                    ? expiresMs === null
                      ? t("access.never")
                      : `${format.date(expiresMs, zone)}, ${format.clock(expiresMs, zone)}`
                    : t(`access.${state}`)}
                </td>
                <td data-label={t("access.lastUsed")}>{format.moment(lastUsedMs, zone)}</td>
                <td>
                  <div className={style.actions}>
                    {state === "valid" ? (
                      <SureButton
                        text={t("access.revoke")}
                        sure={t("access.revokeSure")}
                        off={from === "config" ? t("access.declaredWhy") : undefined}
                        onSure={() => revoke(id)}
                      />
                    ) : null}
                  </div>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Waiting text={off ?? t(tokens.data ? "access.noTokens" : "access.loading")} />
      )}
      {made ? <Made token={made} done={() => setMade(undefined)} /> : null}
      <form className={style.add} onSubmit={(event) => void create(event)} data-testid="addToken">
        <label>
          {t("access.name")}
          <input
            className={controls.input}
            name="name"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={64}
            pattern="[a-z0-9][a-z0-9._@\-]*"
            required
            disabled={open}
          />
        </label>
        <label>
          {t("access.scope")}
          <select className={controls.input} name="scope" disabled={open}>
            {SCOPES.map((scope) => (
              <option key={scope} value={scope}>
                {t(`scope.${scope}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("access.days")}
          <input
            className={`${controls.input} ${style.days}`}
            name="days"
            type="number"
            min={1}
            max={3_650}
            defaultValue={365}
            required
            disabled={open}
          />
        </label>
        <button type="submit" className={controls.go} disabled={open} title={off} aria-disabled={doing.busy}>
          {t("access.createToken")}
        </button>
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Panel>
  );
}

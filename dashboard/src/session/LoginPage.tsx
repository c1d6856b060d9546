import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import { Mark } from "../parts/Mark.js";
import { LanguageButton, ThemeButton } from "../shell/ScreenButtons.js";
import { useWords, type Words } from "../words/words.js";
import style from "./LoginPage.module.css";
import type { LoginOutcome, OutReason, Session } from "./sessionStore.js";
import { useSessionStore } from "./useSession.js";

type Asks = Extract<Session, { at: "out" }>["asks"];

/** Whether what is typed can be read on its way. */
const isPlain = (): boolean =>
  location.protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$/.test(location.hostname);

/** What went wrong, and what to do; undefined while nothing has. */
function problemOf(
  outcome: LoginOutcome | undefined,
  asks: Asks | "names",
  { t }: Words,
): string | undefined {
  switch (outcome?.kind) {
    case "wrong":
      return t(`login.wrong.${asks}`);
    case "wait":
      return t("login.wait", { wait: t("span.s", { n: Math.ceil(outcome.waitMs / 1_000) }) });
    case "failed":
      return t(`error.${outcome.error.code}`);
    case "in":
    case undefined:
      return undefined;
  }
}

interface LoginPageProps {
  asks: Asks;
  /** Whether a name goes with the password. */
  names: boolean;
  because: OutReason;
}

/** Asks for name and password, for the password alone where there are no users, or for an API token where there is no password either. */
export function LoginPage({ asks, names, because }: LoginPageProps) {
  const words = useWords();
  const { t } = words;
  const store = useSessionStore();
  const field = useRef<HTMLInputElement>(null);
  const nameField = useRef<HTMLInputElement>(null);
  const [outcome, setOutcome] = useState<LoginOutcome>();
  const [busy, setBusy] = useState(false);
  const [shown, setShown] = useState(false);
  const id = useId();
  const problem = problemOf(outcome, names ? "names" : asks, words);

  useEffect(() => {
    const before = document.title;
    document.title = `${t("login.title")} · Hashwatt`;
    return () => {
      document.title = before;
    };
  }, [t]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { value } = field.current!;
    if (busy || value === "") return;
    setBusy(true);
    const came = await store.login(value, nameField.current?.value || undefined);
    if (came.kind === "in") return;
    setOutcome(came);
    setBusy(false);
    field.current?.select();
  };

  return (
    <div className={style.screen} data-testid="login">
      <header className={style.header}>
        <span className={style.mark}>
          <Mark />
          Hashwatt
        </span>
        <span className={style.buttons}>
          <LanguageButton />
          <ThemeButton />
        </span>
      </header>
      <main className={style.main}>
        <form className={style.panel} onSubmit={(event) => void submit(event)} aria-labelledby={`${id}title`}>
          <h1 className={style.title} id={`${id}title`}>
            {t("login.title")}
          </h1>
          <p className={style.where}>{location.host}</p>
          {because === "come" ? null : <p className={style.because}>{t(`login.${because}`)}</p>}
          {names ? (
            <>
              <label className={style.label} htmlFor={`${id}name`}>
                {t("login.name")}
              </label>
              <div className={style.field}>
                <input
                  ref={nameField}
                  id={`${id}name`}
                  name="username"
                  autoComplete="username"
                  autoCapitalize="off"
                  autoCorrect="off"
                  spellCheck={false}
                  maxLength={64}
                  required
                  // biome-ignore lint/a11y/noAutofocus: the first thing to do here
                  autoFocus
                />
              </div>
            </>
          ) : (
            // Password managers keep a password by its user.
            <input
              className="srOnly"
              name="username"
              autoComplete="username"
              value="operator"
              readOnly
              tabIndex={-1}
              aria-hidden="true"
            />
          )}
          <label className={style.label} htmlFor={`${id}field`}>
            {t(`login.${asks}`)}
          </label>
          <div className={style.field} data-wrong={problem === undefined ? undefined : ""}>
            <input
              ref={field}
              id={`${id}field`}
              name="password"
              type={shown ? "text" : "password"}
              autoComplete="current-password"
              autoCapitalize="off"
              autoCorrect="off"
              spellCheck={false}
              maxLength={1_024}
              required
              // biome-ignore lint/a11y/noAutofocus: the one thing to do here
              autoFocus={!names}
              aria-invalid={problem !== undefined}
              aria-describedby={problem === undefined ? undefined : `${id}problem`}
            />
            <button
              type="button"
              className={style.show}
              onClick={() => setShown(!shown)}
              aria-pressed={shown}
            >
              {t(shown ? "login.hide" : "login.show")}
            </button>
          </div>
          <p className={style.problem} id={`${id}problem`} role="alert">
            {problem}
          </p>
          <button type="submit" className={style.go} aria-disabled={busy}>
            {t(busy ? "login.going" : "login.go")}
          </button>
          <p className={style.note}>{t(`login.where.${names ? "names" : asks}`)}</p>
        </form>
        {isPlain() ? <p className={style.plain}>{t("login.plain")}</p> : null}
      </main>
    </div>
  );
}

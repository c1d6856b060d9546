import { useSession, useSessionStore } from "../session/useSession.js";
import { chooseTheme, THEMES, useThemeChoice } from "../theme/themeStore.js";
import { speak, useWords } from "../words/words.js";
import style from "./ScreenButtons.module.css";

/** Goes through the themes. */
export function ThemeButton() {
  const { t } = useWords();
  const choice = useThemeChoice();
  const next = THEMES[(THEMES.indexOf(choice) + 1) % THEMES.length]!;
  const label = t("theme.switch", { now: t(`theme.${choice}`), next: t(`theme.${next}`) });
  return (
    <button
      type="button"
      className={style.button}
      onClick={() => chooseTheme(next)}
      aria-label={label}
      title={label}
      data-theme-choice={choice}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor">
        {choice === "system" ? (
          <>
            <circle cx="8" cy="8" r="5.5" strokeWidth="1.4" />
            <path d="M8 2.5a5.5 5.5 0 0 1 0 11z" fill="currentColor" stroke="none" />
          </>
        ) : choice === "dark" ? (
          <path
            d="M13 9.5A5.5 5.5 0 0 1 6.5 3a5.5 5.5 0 1 0 6.5 6.5z"
            strokeWidth="1.4"
            strokeLinejoin="round"
          />
        ) : (
          <>
            <circle cx="8" cy="8" r="3" strokeWidth="1.4" />
            <path
              d="M8 1v2m0 10v2M1 8h2m10 0h2M3 3l1.5 1.5m7 7L13 13M13 3l-1.5 1.5m-7 7L3 13"
              strokeWidth="1.4"
              strokeLinecap="round"
            />
          </>
        )}
      </svg>
    </button>
  );
}

/** Changes to the other language. */
export function LanguageButton() {
  const { language } = useWords();
  const [next, short, label] =
    language === "en"
      ? (["zh-CN", "中", "切换到简体中文"] as const)
      : (["en", "EN", "Switch to English"] as const);
  return (
    <button
      type="button"
      className={style.button}
      onClick={() => speak(next)}
      aria-label={label}
      title={label}
      lang={next}
      data-testid="language"
    >
      {short}
    </button>
  );
}

/** Logs out; there only where one had to log in. */
export function LogoutButton() {
  const { t } = useWords();
  const session = useSession();
  const store = useSessionStore();
  if (session.at !== "in" || !session.needed) return null;
  return (
    <button
      type="button"
      className={style.button}
      onClick={() => void store.logout()}
      aria-label={t("login.out")}
      title={t("login.out")}
      data-testid="logout"
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true" fill="none" stroke="currentColor">
        <path
          d="M6.5 2.5h-3v11h3M6.5 8h7m-2.8-2.8L13.5 8l-2.8 2.8"
          strokeWidth="1.4"
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      </svg>
    </button>
  );
}

import { useState } from "react";
import { useFetched } from "../feed/useFeed.js";
import { Panel } from "../parts/Panel.js";
import { usePageTitle } from "../parts/usePageTitle.js";
import { useSession, useSessionStore } from "../session/useSession.js";
import { useScope } from "../shell/useScope.js";
import { useWords } from "../words/words.js";
import style from "./Access.module.css";
import { AuditPanel } from "./AuditPanel.js";
import { fetchTokens, fetchUsers } from "./accessApi.js";
import { TokensPanel } from "./TokensPanel.js";
import { UsersPanel } from "./UsersPanel.js";

const REFRESH_MS = 60_000;

function ForAdmins({ open }: { open: boolean }) {
  const zone = useScope()?.zone ?? "UTC";
  const session = useSessionStore();
  const [round, setRound] = useState(0);
  const users = useFetched("users", fetchUsers, REFRESH_MS);
  const tokens = useFetched("tokens", fetchTokens, REFRESH_MS);
  const changed = () => {
    users.retry();
    tokens.retry();
    setRound((before) => before + 1);
    // The first user ends that nobody is asked, and a change of one's own ends one's session.
    void session.check();
  };
  return (
    <>
      <UsersPanel users={users} zone={zone} open={open} changed={changed} />
      <TokensPanel tokens={tokens} zone={zone} open={open} changed={changed} />
      <AuditPanel zone={zone} round={round} />
    </>
  );
}

/** Who may get in and what was done. Who is no admin sees who they are, and why there is no more. */
export function AccessPage() {
  const { t } = useWords();
  usePageTitle(t("access.title"));
  const session = useSession();
  if (session.at !== "in") return null;
  const { needed, role, name } = session;
  return (
    <div className={style.page}>
      <h1 className="srOnly">{t("access.title")}</h1>
      <Panel title={t("access.you")}>
        <p data-testid="you">
          {needed ? (
            <>
              {t("access.as", { name: name ?? "—" })}
              {role ? ` (${t(`role.${role}`)}). ${t(`access.may.${role}`)}` : null}
            </>
          ) : (
            t("access.open")
          )}
        </p>
        {role === null || role === "admin" ? null : (
          <p className={style.reason}>{t("access.notYours", { role: t(`role.${role}`) })}</p>
        )}
      </Panel>
      {role === "admin" ? <ForAdmins open={!needed} /> : null}
    </div>
  );
}

import type { ReactNode } from "react";
import { LoginPage } from "./LoginPage.js";
import style from "./SessionGate.module.css";
import { useSession } from "./useSession.js";

/**
 * Shows the pages to who is logged in, and else the login page. When a session ends under somebody's eyes, the page is
 * hidden and kept: after the login it stands where it stood.
 */
export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession();
  if (session.at === "asking") return null;
  const isOut = session.at === "out";
  return (
    <>
      {isOut && session.because !== "ended" ? null : (
        <div className={isOut ? style.hidden : undefined} inert={isOut}>
          {children}
        </div>
      )}
      {isOut ? <LoginPage asks={session.asks} names={session.names} because={session.because} /> : null}
    </>
  );
}

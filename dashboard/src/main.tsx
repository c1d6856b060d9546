import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Route, Router, Switch } from "wouter";
import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { FeedStore } from "./feed/feedStore.js";
import { closeSession, fetchFleet, fetchSession, openSession } from "./feed/fetchApi.js";
import { openWebSocket } from "./feed/liveLink.js";
import { FeedContext } from "./feed/useFeed.js";
import { FleetPage } from "./fleet/FleetPage.js";
import { OverviewPage } from "./overview/OverviewPage.js";
import { fetchReplay } from "./replay/replayApi.js";
import { replayBase, replayId } from "./replay/replayId.js";
import { RigPage } from "./rig/RigPage.js";
import { followSession } from "./session/followSession.js";
import { SessionGate } from "./session/SessionGate.js";
import { SessionStore } from "./session/sessionStore.js";
import { SessionContext } from "./session/useSession.js";
import { NotFound } from "./shell/NotFound.js";
import { PageErrors } from "./shell/PageErrors.js";
import { Shell } from "./shell/Shell.js";
import { startTheme } from "./theme/themeStore.js";
import { screenClock } from "./time.js";

startTheme();

const liveUrl = new URL("/live", location.href);
if (replayId !== undefined) liveUrl.searchParams.set("replay", replayId);
liveUrl.protocol = liveUrl.protocol === "https:" ? "wss:" : "ws:";

/** Where a replay is at first: histories that are asked for before it says so itself must not run beyond it. */
const replay =
  replayId === undefined
    ? undefined
    : await fetchReplay(replayId, new AbortController().signal).catch(() => undefined);

const feed = new FeedStore({
  open: openWebSocket(liveUrl),
  clock: screenClock,
  random: Math.random,
  fetchFleet,
  beginMs: replay?.atMs,
});
const session = new SessionStore({ fetch: fetchSession, open: openSession, close: closeSession });
followSession(session, feed);
addEventListener("online", () => feed.hurry());
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) feed.hurry();
});

/** Pages that are loaded when somebody goes there: few do, and seldom. */
const ReplayPage = lazy(() =>
  import("./replay/ReplayPage.js").then((page) => ({ default: page.ReplayPage })),
);
const AlertsPage = lazy(() =>
  import("./alerts/AlertsPage.js").then((page) => ({ default: page.AlertsPage })),
);
const RegisterPage = lazy(() =>
  import("./register/RegisterPage.js").then((page) => ({ default: page.RegisterPage })),
);
const MoneyPage = lazy(() => import("./money/MoneyPage.js").then((page) => ({ default: page.MoneyPage })));
const CarbonPage = lazy(() =>
  import("./carbon/CarbonPage.js").then((page) => ({ default: page.CarbonPage })),
);
const SettingsPage = lazy(() =>
  import("./settings/SettingsPage.js").then((page) => ({ default: page.SettingsPage })),
);

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <SessionContext value={session}>
      <FeedContext value={feed}>
        <SessionGate>
          <Router base={replayBase}>
            <Shell>
              <PageErrors>
                <Switch>
                  <Route path="/" component={OverviewPage} />
                  <Route path="/fleet" component={FleetPage} />
                  {replayId === undefined ? (
                    <Route path="/fleet/register">
                      <Suspense fallback={null}>
                        <RegisterPage />
                      </Suspense>
                    </Route>
                  ) : null}
                  <Route path="/rigs/:id">{({ id }) => <RigPage key={id} id={id} />}</Route>
                  <Route path="/alerts/:section?">
                    {({ section }) => (
                      <Suspense fallback={null}>
                        <AlertsPage section={section} />
                      </Suspense>
                    )}
                  </Route>
                  {replayId === undefined ? (
                    <Route path="/money">
                      <Suspense fallback={null}>
                        <MoneyPage />
                      </Suspense>
                    </Route>
                  ) : null}
                  {replayId === undefined ? (
                    <Route path="/carbon">
                      <Suspense fallback={null}>
                        <CarbonPage />
                      </Suspense>
                    </Route>
                  ) : null}
                  <Route path="/settings/:section?">
                    {({ section }) => (
                      <Suspense fallback={null}>
                        <SettingsPage section={section} />
                      </Suspense>
                    )}
                  </Route>
                  {replayId === undefined ? (
                    <Route path="/replay">
                      <Suspense fallback={null}>
                        <ReplayPage />
                      </Suspense>
                    </Route>
                  ) : null}
                  <Route component={NotFound} />
                </Switch>
              </PageErrors>
            </Shell>
          </Router>
        </SessionGate>
      </FeedContext>
    </SessionContext>
  </StrictMode>,
);

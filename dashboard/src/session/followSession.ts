import type { FeedStore } from "../feed/feedStore.js";
import { onLoginWanted } from "../feed/fetchApi.js";
import type { SessionStore } from "./sessionStore.js";

/**
 * Lets the feed live for as long as one is logged in, and asks again who one is when a connection or a question was
 * refused: a browser does not tell a script why it could not connect.
 */
export function followSession(session: SessionStore, feed: FeedStore): void {
  let started = false;
  let left = false;
  session.subscribe(() => {
    const now = session.get();
    if (now.at === "out") {
      feed.pause();
      left = now.because === "left";
    } else if (now.at === "in") {
      // What the feed holds was for whoever has left.
      if (left) return location.reload();
      if (started) feed.resume();
      else feed.start();
      started = true;
    }
  });
  feed.connection.subscribe(() => {
    if (feed.connection.get().state === "lost" && session.get().at === "in") void session.check();
  });
  onLoginWanted(() => void session.check());
  void session.check();
}

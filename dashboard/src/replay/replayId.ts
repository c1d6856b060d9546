/** The replay that these pages show, by their address `/replay/<id>/…`; undefined where they show what is live. */
export const replayId: string | undefined =
  typeof location === "undefined"
    ? undefined
    : /^\/replay\/([\w-]{8,64})(?=\/|$)/.exec(location.pathname)?.[1];

/** Where the pages of this screen begin. */
export const replayBase = replayId === undefined ? "" : `/replay/${replayId}`;

/** The path at which the API tells the present of these pages: that of the replay where they show one. */
export const nowPath = (path: string): string =>
  replayId === undefined ? path : path.replace(/^\/api\//, `/api/replays/${replayId}/`);

/** English of looking at stored history as if it were now. */
export const enReplay = {
  "nav.replay": "Replay",
  "connection.replay": "Replay",
  "replay.mark": "Replay: not live",
  "replay.what":
    "Stored readings, played again. Nothing here is happening now, and nothing of it reaches alerts or accounts.",
  "replay.play": "Play",
  "replay.pause": "Pause",
  "replay.leave": "Leave",
  "replay.seek": "Moment",
  "replay.speed": "Speed",
  "replay.times": "{n}×",
  "replay.loading": "loading…",
  "replay.over": "This replay has ended.",
  "replay.title": "Replay",
  "replay.intro":
    "Plays stored readings again on these pages, marked as replay. What is live goes on untouched: fleet, alerts and accounts know nothing of it. It ends when nobody has looked at it for two minutes.",
  "replay.from": "From",
  "replay.to": "To",
  "replay.start": "Play",
  "replay.yours": "Times are those of this browser.",
  "replay.running": "Running",
  "replay.by": "{who}, {from} to {to}",
  "replay.open": "Look",
  "replay.times.wrong": "The end must come after the beginning.",
} as const;

/** English of what the system says about itself: notices, agents, how a rig is read, errors, first start, broken and missing pages. */
export const enSystem = {
  "notice.unreachable": "The server does not answer. Check that Hashwatt is running; this page keeps trying.",
  "notice.full":
    "Too many screens are open at this server, by your login or in all. Close some; this page keeps trying. Figures do not move meanwhile.",
  "notice.lost": "Connection lost. The figures below are {age} old; this page keeps trying.",
  "notice.silent":
    "No reading has arrived for {age}, though the server answers. Check the agent and its network.",
  "notice.store":
    "The store does not take readings: {note}. They wait in the agents' spools meanwhile, and the figures below stand still.",
  "notice.broker":
    "Nothing comes from the agents: {note}. They keep what they read and send it once the broker is back.",
  "notice.agentOffline":
    "Agent {agent} is offline. Its rigs go on; what it reads will be caught up with once it is back.",
  "notice.behind":
    "Agent {agent} is catching up, {behind} behind. Live figures are not delayed; charts fill in.",
  "agent.online": "online",
  "agent.offline": "offline",
  "agent.unknown": "not heard of yet",
  "error.unreachable": "The server does not answer. Check that Hashwatt is running, then try again.",
  "error.slow": "The server took too long to answer. Try again; if it stays slow, run the server's doctor.",
  "error.missing": "The server knows nothing of this.",
  "error.refused": "The server did not take this.",
  "error.storeAway":
    "The store of readings does not answer. What comes in meanwhile is kept by the agents and added once it is back.",
  "error.broken": "The server could not answer. Its log says why.",
  "error.shownAge": "What stands here came {age} ago.",
  "error.unreadable":
    "The answer made no sense. Reload the page: server and page may be of different versions.",
  "waiting.first": "Waiting for the first figures…",
  "waiting.reading": "Waiting for the first reading…",
  "first.title": "Waiting for the first reading…",
  "first.noAgent":
    "No agent has reported yet. An agent reads the rigs on its network; it reports a few seconds after it starts.",
  "first.noRig":
    "An agent is there, but it has found no rig yet. Check its address ranges: npm start -- --scan 192.168.1.0/24",
  "notes.title": "How this rig is read",
  "note.unsupported": "Firmware without a dialect: what is standard is read",
  "note.unread": "It answers, and cannot be read",
  "note.loginRefused": "Its web interface wants a login",
  "note.unitSuspect": "Its hashrate may be in another unit",
  "note.rejected": "It answers, and refuses what is asked",
  "broken.title": "This page broke",
  "broken.text":
    "That is a mistake of Hashwatt, not of your rigs; other pages and the server go on. Reload the page, and report what stands below if it comes again.",
  "broken.reload": "Reload",
  "missing.title": "There is no such page",
  "missing.text": "The address leads nowhere. It may be mistyped or of another version.",
  "missing.back": "Go to the overview",
} as const;

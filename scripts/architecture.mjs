// The architecture picture as a page: five parts, the path of a sample between them, and the figures of the run it was made from.

const escapeText = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const PARTS = [
  { x: 20, name: "rigs", kind: "outside" },
  { x: 256, name: "agent" },
  { x: 492, name: "broker", kind: "outside" },
  { x: 728, name: "server" },
  { x: 964, name: "dashboard" },
];
const WIDTH = 196;

const box = (part, lines) => `
  <g transform="translate(${part.x} 120)">
    <rect width="${WIDTH}" height="220" rx="6" fill="#14181e" stroke="${part.kind ? "#3a4450" : "#6cb6ff"}" ${part.kind ? 'stroke-dasharray="5 4"' : ""}/>
    <text x="16" y="30" class="name">${escapeText(part.name)}</text>
    ${lines.map((line, i) => `<text x="16" y="${58 + i * 20}" class="${line.startsWith("→") ? "strong" : "line"}">${escapeText(line)}</text>`).join("")}
  </g>`;

const arrow = (from, label, below) => {
  const x1 = PARTS[from].x + WIDTH;
  const x2 = PARTS[from + 1].x;
  return `<path d="M${x1 + 3} 210H${x2 - 5}" class="arrow"/><text x="${(x1 + x2) / 2}" y="106" class="label">${escapeText(label)}</text>
  ${below ? `<path d="M${x2 - 3} 292H${x1 + 5}" class="arrow back"/><text x="${(x1 + x2) / 2}" y="362" class="label">${escapeText(below)}</text>` : ""}`;
};

/** Draws the picture from the answers of /api/totals, /api/health and /api/version. */
export function architecture({ totals, health, version }) {
  const agent = totals.agents[0] ?? {};
  const fleet = totals.fleet;
  const counters = health.counters ?? {};
  const seconds = (health.serverMs - health.startedMs) / 1000;
  const samples = counters.samples ?? counters.samplesStored;
  const mining = fleet.byStatus.mining;
  const lines = [
    [
      "simulated or real",
      "cgminer API, TCP 4028",
      `→ ${fleet.rigs} rigs, ${mining} mining`,
      "Antminer, Whatsminer",
      "in each firmware's dialect",
    ],
    [
      "ask · decode · normalise",
      "spool on disk first,",
      "gzip batches, checksums",
      `→ batches in the spool: ${agent.spoolBatches ?? "—"}`,
      agent.clockOffsetMs == null ? "" : `→ clock ${Math.round(agent.clockOffsetMs)} ms off`,
    ],
    ["embedded (aedes) or any", "MQTT 3.1.1 broker", "QoS 1, nothing kept here:", "the spool is the memory"],
    [
      "identify · store · roll up",
      "price · weigh · alert",
      "DuckDB: telemetry, state",
      samples ? `→ ${samples.toLocaleString("en")} samples stored` : "",
      samples ? `→ ${Math.round(samples / seconds)} per second` : "",
    ],
    [
      "snapshot over HTTP,",
      "frames over WebSocket",
      `→ ${fleet.algos[0]?.hashrateThs ? (fleet.algos[0].hashrateThs / 1000).toFixed(2) : "—"} PH/s`,
      `→ ${fleet.powerW ? (fleet.powerW / 1000).toFixed(0) : "—"} kW`,
      `→ alerts firing: ${fleet.alertsFiring}`,
    ],
  ];
  return `<!doctype html><meta charset="utf-8"><style>
    body{margin:0;background:#0d1014}
    text{font:13px "Inter Variable",Inter,system-ui,sans-serif;fill:#9aa6b4}
    .name{font-size:17px;font-weight:650;fill:#e8ecf1}.strong{fill:#6cb6ff}.label{text-anchor:middle;font-size:12px}
    .title{font-size:20px;font-weight:650;fill:#e8ecf1}
    .arrow{stroke:#6cb6ff;stroke-width:1.6;fill:none;marker-end:url(#tip)}.back{stroke:#3fb68b}
  </style><svg width="1200" height="560" viewBox="0 0 1180 560">
  <defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L8 4L0 8z" fill="#9aa6b4"/></marker></defs>
  <text x="20" y="44" class="title">The way of one sample</text>
  <text x="20" y="68">Figures of one run of version ${escapeText(version.version)}, ${new Date(health.serverMs).toISOString().slice(0, 16).replace("T", " ")} UTC, ${Math.round(seconds)} s after its start</text>
  ${PARTS.map((part, i) => box(part, lines[i].filter(Boolean))).join("")}
  ${arrow(0, "poll")}${arrow(1, "batch", "ack")}${arrow(2, "batch", "ack")}${arrow(3, "live")}
  <path d="M826 340V404H354V346" class="arrow back"/><text x="590" y="424" class="label">the ack comes after the commit, and only it frees the spool: an outage of any part leaves no hole</text>
  <text x="20" y="480">webhook ← alert book: overheating, offline, unprofitable now; pending → firing → resolved, each with its reason and the source of its limit</text>
  <text x="20" y="504">economics: flat price × energy, hashprice × hash, grid factor × energy; every figure with source and date, unknown where an input is missing</text>
  <text x="20" y="528">rollups: 5 minutes and hours with coverage, recomputed when late data touches them</text>
  </svg>`;
}

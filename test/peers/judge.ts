import type { RigSnapshot } from "@hashwatt/simulator/listener";

/** What a reader made of one rig, in canonical units; null = not read. */
export interface PeerReading {
  make: string | null;
  model: string | null;
  firmware: string | null;
  version: string | null;
  mac: string | null;
  hashrateThs: number | null;
  powerW: number | null;
  fansRpm: number[];
  boardTempsC: number[];
  chipTempsC: number[];
  pools: string[];
}

/** One line that read.py prints. */
export interface Line {
  tool: "pyasic" | "asic-rs";
  address: string;
  reading: PeerReading | null;
  failure: string | null;
}

/** A speaker's row of the page. */
export interface Row {
  speaker: string;
  cells: Record<Line["tool"], string>;
}

type Mark = "right" | "absent" | string;

/** Readers choose windows of their own. */
const RATE_OFF = 0.02;

function ratio(got: number, want: number): string {
  const times = got / want;
  return times > 0.1 && times < 10 ? times.toFixed(2) : times.toPrecision(1);
}

function rate({ hashrateThs }: PeerReading, { state }: RigSnapshot): Mark {
  if (hashrateThs === null) return "absent";
  const off = Math.abs(hashrateThs / state.hashrateThs - 1);
  return off <= RATE_OFF ? "right" : `${ratio(hashrateThs, state.hashrateThs)}×`;
}

function power({ powerW }: PeerReading, { state }: RigSnapshot): Mark {
  if (!powerW) return "absent";
  return Math.abs(powerW - state.powerW) <= 1 ? "right" : `${ratio(powerW, state.powerW)}×`;
}

function fans({ fansRpm }: PeerReading, { state }: RigSnapshot): Mark {
  if (!fansRpm.some((rpm) => rpm > 0)) return "absent";
  const sorted = (list: readonly number[]) =>
    list
      .map(Math.round)
      .sort((a, b) => a - b)
      .join();
  // Rigs with fewer fans than the firmware has slots list the others as standing.
  const told = fansRpm.filter((rpm) => rpm > 0);
  return sorted(told) === sorted(state.fansRpm) ? "right" : `${told.length} of ${state.fansRpm.length}`;
}

/** Readers take the hottest sensor, the mean or the coolest: what lies between inlet and the hottest is a choice of theirs. */
function temps(told: number[], highestC: number, inletC: number): Mark {
  if (!told.some((tempC) => tempC > 0)) return "absent";
  const most = Math.max(...told);
  if (Math.abs(most - highestC) <= 1) return "right";
  return most > inletC && most < highestC ? "other sensor" : `${Math.round(most - highestC)} °C off`;
}

/** A firmware's own pool, where a reader lists it, is none of the rig's. */
function pools({ pools: told }: PeerReading, { state }: RigSnapshot): Mark {
  const bare = (url: string) => url.replace(/^.*?:\/\//, "");
  const urls = told.filter((url) => !/^devfee\b/i.test(bare(url)));
  if (!urls.length) return "absent";
  return urls.every((url) => state.pools.some((pool) => bare(pool.url) === bare(url))) ? "right" : "others";
}

const highest = (rig: RigSnapshot, key: "boardTempC" | "chipTempC"): number =>
  Math.max(...rig.state.boards.map((board) => board[key]));

function cell(line: Line | undefined, rig: RigSnapshot): string {
  const reading = line?.reading;
  if (!reading)
    return line?.failure ? `fails: ${line.failure.split("\n", 1)[0]?.slice(0, 60)}` : "not recognised";
  const marks: [string, Mark][] = [
    ["hashrate", rate(reading, rig)],
    ["power", power(reading, rig)],
    ["boards", temps(reading.boardTempsC, highest(rig, "boardTempC"), rig.state.inletTempC)],
    ["chips", temps(reading.chipTempsC, highest(rig, "chipTempC"), rig.state.inletTempC)],
    ["fans", fans(reading, rig)],
    ["pools", pools(reading, rig)],
  ];
  const right = marks.filter(([, mark]) => mark === "right").map(([name]) => name);
  const differs = marks.filter(([, mark]) => mark !== "right" && mark !== "absent");
  const name = [reading.make, reading.model].filter(Boolean).join(" ") || "unknown model";
  const identity = `**${name}**${reading.firmware ? ` (${reading.firmware})` : ""}`;
  const parts = [
    identity,
    right.length ? right.join(", ") : "nothing",
    ...differs.map(([field, mark]) => `${field} ${mark}`),
  ];
  return parts.join("; ").replaceAll("|", "\\|");
}

/** Every speaker beside what each reader made of it. */
export function judged(rigs: readonly RigSnapshot[], lines: readonly Line[]): Row[] {
  const byName = (a: Row, b: Row) => (a.speaker < b.speaker ? -1 : 1);
  return rigs
    .map((rig): Row => {
      const of = (tool: Line["tool"]) =>
        cell(
          lines.find((line) => line.tool === tool && line.address === rig.address),
          rig,
        );
      const { build, model } = rig.identity.model;
      return {
        speaker: `${build.family}: ${model}`,
        cells: { pyasic: of("pyasic"), "asic-rs": of("asic-rs") },
      };
    })
    .sort(byName);
}

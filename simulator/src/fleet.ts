import type { RigAddress } from "./addresses.js";
import { LiveRig } from "./liveRig.js";
import { hashText } from "./random.js";
import { type Chosen, planOf } from "./scenarios/choose.js";
import type { Line } from "./scenarios/scenario.js";
import { type Incident, Script } from "./scenarios/script.js";
import { type AnswerListener, Seat } from "./seat.js";
import { HallAir, USUAL_HALL } from "./site/hall.js";
import type { Site } from "./site.js";
import { acceleratedTime, type Clock, type FleetTime } from "./time.js";
import { WebDoor } from "./webDoor.js";

/** What happens to a fleet, and when it begins. */
export interface Staging {
  /** One scenario or several, by name, or the path of a timeline (`.yaml`); nothing happens unless given. */
  scenario?: string | readonly Chosen[] | undefined;
  /** Values of scenarios' parameters, like `{"heat-wave.by": 8}`. */
  set?: Readonly<Record<string, unknown>> | undefined;
  /** The fleet's own time when it begins, epoch ms; the clock's unless given. */
  startMs?: number | undefined;
  /** How much faster than the clock the physics run. */
  speed?: number | undefined;
}

/** A fleet without its sockets: rigs, weather and whatever befalls them, on a time of its own. */
export interface StagedFleet {
  readonly time: FleetTime;
  readonly seats: readonly Seat[];
  readonly air: HallAir;
  readonly script: Script;
  readonly listeners: Set<AnswerListener>;
  /** See {@link HallAir.localMs}. */
  localMs(atMs: number): number;
  /** Something happens from now on, or from its own moment. Throws `bad-scenario`. */
  happen(line: Line): Incident;
  /** Something stops. Throws `bad-scenario`. */
  end(id: number): Incident;
}

/** Puts a site's rigs at their places and on the stage of a scenario. Throws `bad-scenario`. */
export function stage(
  site: Site,
  places: readonly RigAddress[],
  clock: Clock,
  { scenario = [], set = {}, startMs, speed = 1 }: Staging,
): StagedFleet {
  const { seed, rigs } = site;
  const plan = planOf(typeof scenario === "string" ? [scenario] : scenario, set, { rigs, seed });
  const time = acceleratedTime(clock, speed, startMs);
  const air = new HallAir({ ...USUAL_HALL, ...plan.hall }, time.startMs, hashText(`${seed}/weather`));
  const script = new Script({
    seed,
    startMs: time.startMs,
    rigs,
    air,
    noise: plan.noise ?? 1,
    addressOf: (index) => places[index]?.address,
  });
  for (const line of plan.lines ?? []) script.add(line, time.startMs);
  const listeners = new Set<AnswerListener>();
  const context = { clock, fleetNowMs: time.nowMs, listeners, web: new WebDoor() };
  const seats = rigs.map(
    (identity, i) =>
      new Seat(new LiveRig(identity, seed, time.startMs, script), places[i] as RigAddress, context),
  );
  const told = (incident: Incident): Incident => {
    for (const index of incident.rigs) (seats[index] as Seat).live.forget(time.nowMs());
    return incident;
  };
  return {
    time,
    seats,
    air,
    script,
    listeners,
    localMs: (atMs) => air.localMs(atMs),
    happen: (line) => told(script.add(line, time.nowMs())),
    end: (id) => told(script.end(id, time.nowMs())),
  };
}

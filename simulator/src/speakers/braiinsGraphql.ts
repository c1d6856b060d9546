import type { BraiinsBuild } from "../makes/braiins.js";
import { braiinsApi, nominalMhs } from "./bosminer.js";
import { braiinsPages } from "./braiinsWeb.js";
import { isMining, presentBoards } from "./cgminerRows.js";
import { answerQuery } from "./graphql.js";
import type { SpokenRig, TcpSpeaker, WebReply, WebRequest } from "./speaker.js";
import { jsonOf, secretOf } from "./webLogin.js";

function solver(rig: SpokenRig, build: BraiinsBuild) {
  const { state, identity } = rig;
  // While mining is stopped there is none.
  if (!isMining(state)) return null;
  const present = presentBoards(state);
  const prefix = build.sensorPrefix;
  return {
    nominalMhs: nominalMhs(rig) * present.length,
    realHashrate: { mhs5S: state.hashrateThs * 1e6, mhs1M: state.windows.oneMinuteThs * 1e6 },
    childSolvers: present.map((board) => ({
      name: String(build.firstChain + board.slot),
      nominalMhs: nominalMhs(rig),
      realHashrate: { mhs5S: board.hashrateThs * 1e6, mhs1M: board.hashrateThs * 1e6 },
      hwDetails: {
        chips: board.chips,
        frequencyMhz: identity.model.frequencyMhz,
        voltageV: 13.2,
        hbSerialNumber: identity.boardSerials[board.slot],
      },
      temperatures: [
        { name: `${prefix}Board`, degreesC: Math.round(board.boardTempC * 8) / 8 },
        { name: `${prefix}Chip`, degreesC: Math.round(board.chipTempC * 8) / 8 },
      ],
    })),
  };
}

/** All that there is to ask for. */
export function graph(rig: SpokenRig, build: BraiinsBuild): object {
  const { state, identity } = rig;
  const groups = [
    {
      id: "0",
      name: "Default",
      strategy: { quota: 1 },
      pools: state.pools.map(({ url, user, alive, active, shares }) => ({
        active: active && isMining(state),
        status: alive ? "ALIVE" : "DEAD",
        url,
        user,
        shares: { acceptedSolutions: shares.accepted, rejectedSolutions: shares.rejected },
      })),
    },
  ];
  return {
    bos: {
      hostname: identity.hostname,
      faultLight: false,
      info: { version: { full: build.full } },
      uptime: { durationS: Math.floor(state.uptimeMs / 1000) },
    },
    bosminer: {
      info: {
        modelName: `Bitmain ${identity.model.model.replace("S19 XP", "S19XP")}`,
        fans: Array.from({ length: 4 }, (_, i) => ({
          name: String(i),
          rpm: state.fansRpm[i] ?? 0,
          speed: Math.round(state.fanRatio * 100),
        })),
        summary: {
          power: { approxConsumptionW: Math.round(state.powerW), limitW: build.powerLimitW },
        },
        workSolver: solver(rig, build),
        poolGroups: groups,
      },
      config: {
        groups,
        autotuning: {
          enabled: true,
          mode: "POWER_TARGET",
          powerTarget: build.powerLimitW,
          hashrateTarget: null,
        },
      },
    },
    events: { appeals: [] },
  };
}

/** GraphQL, open to read on every build. */
export function graphqlPage(rig: SpokenRig, request: WebRequest): WebReply | undefined {
  if (request.path !== "/graphql" || request.method !== "POST") return undefined;
  const { query } = jsonOf(request);
  // The login of the web interface; reading needs none.
  if (typeof query === "string" && /^mutation\b/.test(query) && /\blogin\b/.test(query))
    return {
      headers: { "set-cookie": `session_id=${secretOf(rig, "session")}; Path=/` },
      body: { data: { auth: { login: { void: "" } } } },
    };
  if (typeof query !== "string") return { status: 400, body: { errors: [{ message: "no query" }] } };
  return { body: answerQuery(query, graph(rig, rig.identity.model.build as BraiinsBuild)) };
}

/** Braiins OS 21.09 to 25.05; shapes from captures of an S9 (22.08) and an S21+ (25.03). */
export const braiinsGraphql: TcpSpeaker = { answer: braiinsApi, web: braiinsPages(graphqlPage) };

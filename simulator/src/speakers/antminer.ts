import type { AntminerBuild, RigModel } from "../models.js";
import type { RigIdentity } from "../site.js";
import { devsText, poolText, summaryText } from "./antminerRows.js";
import { x17Text, x19Text } from "./antminerStats.js";
import { antminerWeb } from "./antminerWeb.js";
import { x9Row } from "./antminerX9.js";
import { inOnePiece } from "./numberText.js";
import { joined, quoted, type Row, type RowText, refusal, rendered, type Section } from "./reply.js";
import { parseRequest, splitJoined } from "./request.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";

/** Stock firmware lets the LAN read these: `api-groups "A:stats:pools:devs:summary:version"`. */
type Readable = "version" | "summary" | "stats" | "devs" | "pools";

/** Commands that cgminer knows and stock firmware denies; what is in neither list is E 14. */
const DENIED = new Set(
  (
    "addpool asc asccount ascdisable ascenable ascset check coin config debug devdetails disablepool dbgstats edevs " +
    "enablepool estats failover-only hotplug lcd lockstats notify pga pgacount poolpriority poolquota privileged quit " +
    "removepool restart save setconfig switchpool usbstats zero"
  ).split(" "),
);

const READABLE: readonly string[] = ["version", "summary", "stats", "devs", "pools"] satisfies Readable[];
const isReadable = (command: string): command is Readable => READABLE.includes(command);

/** The key under which a request names its command. */
const KEYS = ["command"];

const READINGS = { x9: x9Row, x17: x17Text, x19: x19Text };

/** What a model says of itself in every answer; a fleet has some dozen models. */
interface Words {
  description: string;
  /** The one object of `version`, and the first of `stats`. */
  version: RowText;
  head: RowText;
}
const words = new WeakMap<RigModel, Words>();

function wordsOf({ model }: RigIdentity, build: AntminerBuild): Words {
  let own = words.get(model);
  if (own === undefined) {
    const miner = `{${quoted(build.minerKey ?? "BMMiner")}:${quoted(build.cgminerVersion)}`;
    const made = `"Miner":${quoted(build.minerVersion)},"CompileTime":${quoted(build.compileTime)},"Type":${quoted(model.model)}}`;
    own = {
      description: `cgminer ${build.cgminerVersion}`,
      version: inOnePiece(`${miner},"API":"3.1",${made}`),
      head: inOnePiece(`${miner},${made}`),
    };
    words.set(model, own);
  }
  return own;
}

function readable(command: Readable, rig: SpokenRig, build: AntminerBuild): Section {
  const awake = rig.state.phase !== "sleeping";
  const { description, version, head } = wordsOf(rig.identity, build);
  const section = (code: number, message: string, key: string, rows: (Row | RowText)[]): Section => ({
    status: { letter: "S", code, message, description },
    list: { key, rows },
  });
  // A rig put to sleep still answers, but every list except the version is empty.
  switch (command) {
    case "version":
      return section(22, "CGMiner versions", "VERSION", [version]);
    case "summary":
      return section(11, "Summary", "SUMMARY", awake ? [summaryText(rig, build)] : []);
    case "stats":
      return section(
        70,
        "CGMiner stats",
        "STATS",
        awake ? [head, READINGS[build.statsShape](rig, build)] : [],
      );
    case "devs":
      return section(9, awake ? "1 ASC(s)" : "0 ASC(s)", "DEVS", awake ? [devsText(rig, build)] : []);
    case "pools":
      return section(
        7,
        awake ? "3 Pool(s)" : "0 Pool(s)",
        "POOLS",
        awake ? [poolText(rig, 0), poolText(rig, 1), poolText(rig, 2)] : [],
      );
  }
}

function single(command: string, rig: SpokenRig, build: AntminerBuild): Section {
  if (isReadable(command)) return readable(command, rig, build);
  if (DENIED.has(command)) {
    return refusal(45, `Access denied to '${command}' command`, `cgminer ${build.cgminerVersion}`);
  }
  return refusal(14, "Invalid command");
}

/** cgminer answers twice what it refuses before looking for the command, with a stray comma; a reader stops at the first NUL. */
function refusedEarly(section: Section, whenS: number, build: AntminerBuild): string {
  const text = rendered(section, "json", whenS);
  return build.sendsNul ? `${text}\0${text},` : text;
}

function answerText(
  rig: SpokenRig,
  request: Buffer,
  build: AntminerBuild,
): { command: string; text: string } {
  const whenS = Math.floor(rig.nowMs / 1000);
  const description = `cgminer ${build.cgminerVersion}`;
  const asked = parseRequest(request, KEYS);
  switch (asked.kind) {
    case "silent":
      return { command: "", text: rendered(refusal(14, "Invalid command"), "text", whenS) };
    case "invalid-json":
      return { command: "", text: refusedEarly(refusal(23, "Invalid JSON", description), whenS, build) };
    case "missing-command":
      return {
        command: "",
        text: refusedEarly(refusal(24, "Missing JSON 'command'", description), whenS, build),
      };
    case "command": {
      const { command, form } = asked;
      if (!command.includes("+") || !build.joinsCommands) {
        return { command, text: rendered(single(command, rig, build), form, whenS) };
      }
      const sections = splitJoined(command).map((part): [string, Section] => [
        part,
        single(part, rig, build),
      ]);
      return { command, text: joined(sections, form, whenS) };
    }
  }
}

/** Bitmain stock firmware (cgminer/bmminer) on X17, X19 and X21; shapes from captures of S17 Pro, S19 and S19 Pro. */
export const antminer: TcpSpeaker = {
  answer(rig, request): Answer {
    const build = rig.identity.model.build as AntminerBuild;
    const { command, text: whole } = answerText(rig, request, build);
    const text = build.forgetsComma ? whole.replaceAll('},{"STATS":0,', '}{"STATS":0,') : whole;
    return { command, bytes: build.sendsNul ? `${text}\0` : text };
  },
  web: antminerWeb,
};

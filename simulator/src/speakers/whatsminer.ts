import type { WhatsminerBuild } from "../models.js";
import { joined, type Row, type RowText, refusal, rendered, type Section } from "./reply.js";
import { parseRequest, splitJoined } from "./request.js";
import type { Answer, SpokenRig, TcpSpeaker } from "./speaker.js";
import { faultCodes } from "./whatsminerFaults.js";
import { devsText, earlySummaryRow, poolText, presentBoards, summaryText } from "./whatsminerRows.js";
import { whatsminerWeb } from "./whatsminerWeb.js";

const DESCRIPTION = "cgminer 4.9.2";

/** The keys under which a request names its command. */
const BOTH_KEYS = ["cmd", "command"];
const OWN_KEY = ["cmd"];

/** What the proxy before the daemon says when the daemon is off; no JSON, no NUL. */
const DAEMON_OFF = "Socket connect failed: Connection refused\n";

/** The daemon's own commands, which can be joined; undefined for any other word. */
function daemonSection(command: string, rig: SpokenRig, build: WhatsminerBuild): Section | undefined {
  const section = (code: number, message: string, key: string, rows: (Row | RowText)[]): Section => ({
    status: { letter: "S", code, message, description: DESCRIPTION },
    list: { key, rows },
  });
  const present = presentBoards(rig.state);
  const early = build.generation === 0;
  if (early && !["summary", "pools", "version"].includes(command)) return undefined;
  switch (command) {
    case "summary":
      if (early) return section(11, "Summary", "SUMMARY", [earlySummaryRow(rig)]);
      return section(11, "Summary", "SUMMARY", [summaryText(rig, build)]);
    case "devs":
    case "edevs":
      return section(
        9,
        `${present.length} ASC(s)`,
        "DEVS",
        present.map((board, i) => devsText(rig, board, i, build)),
      );
    case "pools":
      return section(7, "3 Pool(s)", "POOLS", [poolText(rig, 0), poolText(rig, 1), poolText(rig, 2)]);
    case "devdetails":
      return section(
        69,
        "Device Details",
        "DEVDETAILS",
        present.map((_, i) => ({
          DEVDETAILS: i,
          Name: "SM",
          ID: i,
          Driver: "bitmicro",
          Kernel: "",
          Model: build.subModel,
        })),
      );
    case "version":
      return build.answersVersion || early
        ? section(22, "CGMiner versions", "VERSION", [{ CGMiner: "4.9.2", API: "3.7" }])
        : undefined;
    default:
      return undefined;
  }
}

/** The `Msg` of the box's own commands, all values strings; undefined for any other word. */
function boxMessage(command: string, rig: SpokenRig, build: WhatsminerBuild): object | undefined {
  const { identity, state, address } = rig;
  if (build.generation === 0) return undefined;
  switch (command) {
    case "get_version":
      if (build.generation === 1) return { api_ver: build.apiVersion, fw_ver: build.firmwareVersion };
      return { api_ver: build.apiVersion, fw_ver: build.firmwareVersion, platform: build.platform, chip: "" };
    case "get_psu":
      return {
        name: build.psuModel,
        hw_version: "",
        sw_version: "230208.220429",
        model: build.psuModel,
        serial_no: identity.psuSerial,
        fan_speed: String(state.phase === "sleeping" ? 0 : 6000),
      };
    case "get_miner_info":
      return {
        ip: address,
        proto: "dhcp",
        netmask: "255.0.0.0",
        gateway: "127.0.0.1",
        dns: "127.0.0.1",
        hostname: identity.hostname,
        mac: identity.mac,
        ledstat: "auto",
        minersn: identity.serial,
        powersn: identity.psuSerial,
      };
    case "get_error_code":
      return { error_code: faultCodes(rig).map(({ code, since }) => ({ [code]: since })) };
    case "status":
      if (build.generation === 1)
        return {
          btmineroff: String(state.phase === "sleeping"),
          "Firmware Version": `'${build.firmwareVersion}'`,
        };
      return {
        mineroff: String(state.phase === "sleeping"),
        mineroff_reason: "",
        mineroff_time: "",
        FirmwareVersion: build.firmwareVersion,
        power_mode: "normal",
        power_limit_set: String(build.powerLimitW),
        hash_percent: "0",
      };
    default:
      return undefined;
  }
}

function boxReply(
  letter: "S" | "E",
  code: number,
  message: unknown,
  whenS: number,
  description = "",
): string {
  return JSON.stringify({ STATUS: letter, When: whenS, Code: code, Msg: message, Description: description });
}

/** One command within a joined request: what belongs to the box cannot be joined. */
function joinable(command: string, rig: SpokenRig, build: WhatsminerBuild): Section {
  const section = daemonSection(command, rig, build);
  if (section !== undefined) return section;
  return boxMessage(command, rig, build) === undefined
    ? refusal(14, "Invalid command", DESCRIPTION)
    : refusal(45, `Access denied to '${command}' command`, DESCRIPTION);
}

function answerText(
  rig: SpokenRig,
  request: Buffer,
  build: WhatsminerBuild,
): { command: string; text: string } {
  const whenS = Math.floor(rig.nowMs / 1000);
  const nul = (text: string) => `${text}\0`;
  const asked = parseRequest(request, build.knowsCommandKey ? BOTH_KEYS : OWN_KEY);
  const command = asked.kind === "command" ? asked.command : "";
  // The front of the API judges the request; only what it would pass on meets a daemon that is off.
  if (rig.state.phase === "sleeping" && asked.kind === "command" && command !== "status")
    return { command, text: DAEMON_OFF };
  switch (asked.kind) {
    case "silent":
      return { command, text: nul(boxReply("E", 14, "invalid cmd", whenS, build.apiVersion)) };
    case "invalid-json":
      return { command, text: nul(boxReply("E", 23, "Invalid JSON", whenS, build.apiVersion)) };
    case "missing-command":
      return { command, text: nul(boxReply("E", 24, "Missing JSON 'cmd'", whenS, build.apiVersion)) };
    case "command": {
      if (command.includes("+")) {
        const sections = splitJoined(command).map((part): [string, Section] => [
          part,
          joinable(part, rig, build),
        ]);
        return { command, text: nul(joined(sections, asked.form, whenS)) };
      }
      const section = daemonSection(command, rig, build);
      if (section !== undefined) return { command, text: nul(rendered(section, asked.form, whenS)) };
      const message = boxMessage(command, rig, build);
      if (message !== undefined) return { command, text: nul(boxReply("S", 131, message, whenS)) };
      return { command, text: nul(boxReply("E", 14, "invalid cmd", whenS, build.apiVersion)) };
    }
  }
}

/** MicroBT btminer with the v2 API on 4028; shapes from captures of M50S (2.0.5) and M20S. */
export const whatsminer: TcpSpeaker = {
  answer(rig, request): Answer {
    const { command, text } = answerText(rig, request, rig.identity.model.build as WhatsminerBuild);
    return { command, bytes: text };
  },
  web: whatsminerWeb,
};

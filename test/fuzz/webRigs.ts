import { existsSync } from "node:fs";
import {
  bytesOf,
  type Capture,
  type CapturedReply,
  readCaptures,
} from "@hashwatt/simulator/captures/captureFile";

/** What a rig answers over each of its ways; a way that it does not have is absent. */
export interface WebRig {
  name: string;
  /** Commands of the cgminer API. */
  tcp?: Readonly<Record<string, string>> | undefined;
  /** `METHOD path` of the web interface. */
  routes: Readonly<Record<string, string>>;
  /** Scheme of the login that it asks for, and the route that gives out a token. */
  scheme?: string | undefined;
  login?: string | undefined;
  /** `cmd` or `cmd:param` of the WhatsMiner API 3. */
  v3?: Readonly<Record<string, string>> | undefined;
}

/** One of each way to speak, in the vendors' words, where there are no captures. */
const WRITTEN: readonly WebRig[] = [
  {
    name: "a Bitaxe",
    routes: {
      "GET /api/system/info": JSON.stringify({
        power: 17.4,
        voltage: 5100,
        temp: 58.6,
        vrTemp: 66,
        hashRate: 1184.2,
        hashRate_1h: 1170.5,
        expectedHashrate: 1224,
        coreVoltageActual: 1148,
        frequency: 600,
        ASICModel: "BM1370",
        asicCount: 1,
        macAddr: "02:00:00:00:00:01",
        hostname: "bitaxe-1",
        version: "v2.9.0",
        sharesAccepted: 120,
        sharesRejected: 2,
        uptimeSeconds: 4242,
        fanrpm: 4100,
        stratumURL: "pool.example",
        stratumPort: 3333,
        stratumUser: "account.axe",
      }),
    },
  },
  {
    name: "a stock Antminer",
    tcp: {
      version:
        '{"STATUS":[{"STATUS":"S","Code":22,"Msg":"CGMiner versions"}],"VERSION":[{"BMMiner":"2.0.0","API":"3.1","Miner":"uart_trans.1.3","CompileTime":"Fri Nov 17 17:37:21 CST 2023","Type":"Antminer S19 Pro"}],"id":1}',
      summary:
        '{"STATUS":[{"STATUS":"S","Code":11,"Msg":"Summary"}],"SUMMARY":[{"Elapsed":4000,"GHS 5s":110000.5,"GHS av":109000,"Accepted":10,"Rejected":1,"Stale":0}],"id":1}',
    },
    scheme: "digest",
    routes: {
      "GET /cgi-bin/get_system_info.cgi":
        '{"minertype":"Antminer S19 Pro","nettype":"DHCP","macaddr":"02:00:00:00:00:02","hostname":"antMiner","system_filesystem_version":"Fri Nov 17 17:37:21 CST 2023","firmware_type":"Release","serinum":"JYZZA1"}',
      "GET /cgi-bin/summary.cgi":
        '{"STATUS":{"STATUS":"S"},"INFO":{"type":"Antminer S19 Pro"},"SUMMARY":[{"elapsed":4000,"rate_5s":110000.5,"rate_avg":109000,"status":[{"type":"rate","status":"s","code":0,"msg":""}]}]}',
      "GET /cgi-bin/get_miner_conf.cgi": '{"bitmain-work-mode":"0","bitmain-freq-level":"100"}',
    },
  },
  {
    name: "a WhatsMiner of API 3",
    routes: {},
    v3: {
      "get.device.info":
        '{"code":0,"when":1,"msg":{"miner":{"type":"M60S_VK40","hash-board":"normal","fast-boot":"disable"},"system":{"api":"3.0.2","fwversion":"20251209.16.Rel2","platform":"H616"},"network":{"mac":"02:00:00:00:00:03","hostname":"w","ip":"192.0.2.1"},"power":{"type":"P564B","vin":230.5,"pin":3400},"error-code":[]},"desc":"get.device.info"}',
      "get.miner.status:summary":
        '{"code":0,"when":1,"msg":{"summary":{"elapsed":4000,"bootup-time":4100,"hash-average":186.1,"hash-realtime":185.9,"power-realtime":3400,"power-limit":3500,"environment-temperature":24.5,"board-temperature":[61.5,62,63],"chip-temp-max":90,"fan-speed-in":5000,"fan-speed-out":5100,"target-freq":600}},"desc":"get.miner.status"}',
      "get.miner.status:pools":
        '{"code":0,"msg":{"pools":[{"id":1,"url":"stratum+tcp://pool.example:3333","status":"alive","account":"a.b","stratum-active":true}]}}',
      "get.miner.status:edevs":
        '{"code":0,"msg":{"edevs":[{"slot":0,"hash-average":62,"chip-temp-max":90,"effective-chips":156}]}}',
    },
  },
];

const text = (reply: CapturedReply): string => bytesOf(reply).toString("latin1");
const texts = (replies: Readonly<Record<string, CapturedReply>>): Record<string, string> =>
  Object.fromEntries(Object.entries(replies).map(([name, reply]) => [name, text(reply)]));

function captured({ id, transport, responses, http }: Capture): WebRig {
  const routes = texts(http?.routes ?? {});
  if (http?.graphql) {
    const replies = Object.values(http.graphql.responses) as { data?: object }[];
    const merged = Object.fromEntries(replies.flatMap(({ data }) => Object.entries(data ?? {})));
    routes[`POST ${http.graphql.path}`] = JSON.stringify({ data: merged });
  }
  return {
    name: id,
    tcp: transport.startsWith("cgminer") ? texts(responses) : undefined,
    v3: transport.startsWith("whatsminer") ? texts(responses) : undefined,
    routes,
    scheme: http?.auth?.scheme,
    login: http?.auth?.login,
  };
}

/** How web servers ask who it is. */
export const CHALLENGES = [
  'Digest realm="antMiner Configuration", nonce="7f1e2d", qop="auth"',
  'Digest realm="x", nonce="n", algorithm=SHA-256-sess, opaque="o", qop="auth,auth-int", stale=true',
  'Basic realm="rig"',
  'Basic realm="a", Digest realm="b", nonce="c"',
];

/** What a rig's web interface says to `METHOD path`, of somebody who is logged in or not. */
export function realAnswer(
  { routes, login, scheme }: WebRig,
  name: string,
  isIn: boolean,
): { status: number; text: string; challenge?: string } {
  const real = routes[name];
  if (login === name && real === undefined) return { status: 200, text: '{"token":"t","timeout_s":3600}' };
  if (scheme && !isIn && login !== name)
    return { status: 401, text: "", challenge: CHALLENGES[scheme === "basic" ? 2 : 0]! };
  return real === undefined ? { status: 404, text: "Not Found" } : { status: 200, text: real.trim() };
}

/** Rigs that are read over more than the cgminer API: some in the vendors' words, and the captures of HASHWATT_CORPUS. */
export function webRigs(): WebRig[] {
  const folder = process.env.HASHWATT_CORPUS;
  const captures = folder !== undefined && existsSync(folder) ? readCaptures(folder).map(captured) : [];
  return [...WRITTEN, ...captures.filter(({ v3, routes }) => v3 || Object.keys(routes).length > 0)];
}

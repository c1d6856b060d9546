import { setFlagsFromString } from "node:v8";
import { writtenOutLines } from "@hashwatt/protocol/plainText";
import { clockAt } from "@hashwatt/protocol/time";
import pino from "pino";
import { applyRigs, keysForRestart, staticRigs } from "../applyConfig.js";
import { brokerLoginAdvice } from "../config/brokerLogin.js";
import { type AgentConfig, loadConfig, loginRules, plateRules } from "../config.js";
import { readOrSay } from "../configText.js";
import { descriptorLimit, pollsFor, readLimits } from "../descriptors.js";
import { isRig } from "../discovery/isRig.js";
import { SCAN } from "../discovery/scan.js";
import { type Condition, startHeartbeat } from "../heartbeat.js";
import { openRigLinks } from "../links/rigLinks.js";
import { newLogins } from "../logins.js";
import { LoopLag } from "../loopLag.js";
import { openNeighbours } from "../neighbours.js";
import { type Publisher, type PublisherConfig, startPublisher } from "../publisher/publisher.js";
import { startRecorder } from "../tape/recorder.js";
import { watchConfig } from "../watchConfig.js";
import { type Fleet, watchFleet } from "../watchFleet.js";
import { type LookingPlan, watchRanges } from "../watchRanges.js";
import { readArguments } from "./commandLine.js";

export const RUN_HELP = `Watches rigs and publishes what they say over MQTT, until it is told to stop.

  hashwatt-agent run [--config FILE]

  --config FILE  YAML; what is changed in it of rigs, ranges, exclude, scanEveryMs and logins takes effect at once; the environment sets single keys too, broker.url by HASHWATT_AGENT_BROKER_URL,
                 and ranges by HASHWATT_AGENT_RANGES=192.168.1.0/24,192.168.2.10-60

  site: home                           # a level of every MQTT topic
  agent: rack-1                        # unique in its site; the host's name when not given
  broker: { url: mqtt://127.0.0.1:1883, username: rack-1, passwordFile: /etc/hashwatt/password }
  dataDir: data/agent                  # the spool
  rigs: [{ address: 192.168.1.20 }]    # watched whether or not they answer
  ranges: [{ range: 192.168.1.0/24 }]  # looked through at start, soon after and every 15 minutes
  exclude: [192.168.1.1]
  logins:                              # of the rigs' web interfaces, by make and address; first that fits
    - { make: antminer, range: 10.0.0.0/16, username: root, passwordFile: /etc/hashwatt/rigs }
  defaultLogins: true                  # without one, the login that the vendor documents is tried once
  record: { dir: data/tape }           # also keeps what rigs answer, for simulate replay (docs/tape-format.md)
  intervalMs: 5000                     # 5 s up to 200 rigs, 10 s up to 2,000, 30 s above when not given

Logs are JSON lines on stdout. SIGTERM or Ctrl-C stops it within 3 s; what is not sent stays in the spool.`;

/**
 * V8 lets the old generation grow to four times what lives before it clears up, which is most of the memory of an agent: what
 * lives is about 1.5 kB a rig. A third as much again costs no measurable time.
 */
const HEAP_GROWTH_FLAG = "--heap-growing-percent=30";

/** How long the spool and the broker have to take what is in hand. */
const DRAIN_MS = 3_000;

/** `agent run`: watches and publishes until `signal` aborts. Throws an AgentError when it cannot start. */
export async function runCommand(
  args: readonly string[],
  print: (text: string) => void,
  version: string,
  signal: AbortSignal,
): Promise<void> {
  const { values, positionals } = readArguments(args, {
    config: { type: "string", short: "c" },
    help: { type: "boolean", short: "h" },
  });
  if (values.help) return print(RUN_HELP);
  const path = values.config ?? positionals[0];
  const config = loadConfig(path);
  setFlagsFromString(HEAP_GROWTH_FLAG);
  // What JSON leaves as it is would still steer a terminal: the text of a rig is only text in the log too.
  const log = pino({ name: "agent", level: config.logLevel, hooks: { streamWrite: writtenOutLines } });
  const clock = clockAt(config.clock);

  if (config.clock) log.warn(config.clock, "time is not the machine's own: for trials with simulated rigs");

  // Polls end at once when told to stop; the publisher is closed after them, so that their samples are not lost.
  const polls = new AbortController();
  const logins = newLogins(loginRules(config), config.defaultLogins);
  const { record } = config;
  const tape = record && startRecorder({ ...record, folder: record.dir, clock, log, version });
  const links = openRigLinks(clock, config.timeouts, polls.signal, logins, plateRules(config), tape);
  const limit = descriptorLimit(readLimits());
  const concurrency = pollsFor(limit, config.concurrency, SCAN.concurrency);
  if (concurrency < config.concurrency)
    log.warn(
      { limit, concurrency },
      "few open files allowed, fewer polls at a time; raise the limit (ulimit -n, LimitNOFILE)",
    );
  using lag = new LoopLag(clock);
  const publisher = await startPublisher({
    config: publisherConfig(config, path),
    clock,
    log,
    version,
    rigCounts: () => fleet.counts(),
    loopLag: () => lag.lastMinute,
    signal: new AbortController().signal,
  });
  const fleet = watchFleet(
    {
      links,
      clock,
      log: log.child({ part: "watch" }),
      neighbours: openNeighbours(clock),
      push: (sample, evidence) => publisher.push(sample, evidence),
      random: Math.random,
    },
    {
      ...(config.intervalMs !== undefined && { intervalMs: config.intervalMs }),
      concurrency,
    },
    signal,
  );
  const heartbeat = startHeartbeat(config.dataDir, version, () => conditionOf(publisher, fleet), clock, log);
  for (const target of staticRigs(config)) fleet.add(target);
  const { site, agent, broker, rigs, ranges } = config;
  log.info(
    { version, site, agent, broker: broker.url, rigs: rigs.length, ranges: ranges.length },
    "agent started",
  );
  if (!rigs.length && !ranges.length)
    log.warn("nothing to watch: name rigs or ranges in the config, or give the config with --config");
  const looking = watchRanges(
    planOf(config),
    {
      fleet,
      isRig: (target) => isRig(target, links, clock),
      clock,
      log: log.child({ part: "scan" }),
    },
    signal,
  );
  using _watching =
    path === undefined
      ? undefined
      : watchConfig(path, config, {
          load: () => loadConfig(path),
          apply(next, before) {
            logins.set(loginRules(next), next.defaultLogins);
            links.plates = plateRules(next);
            const done = applyRigs(next, fleet);
            looking.change(planOf(next));
            log.info(done, "config taken up");
            const later = keysForRestart(before, next);
            if (later.length)
              log.warn({ keys: later }, "these keys take effect when the agent is started again");
          },
          clock,
          log,
        });

  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  const tooLong = new AbortController();
  const drained = (async () => {
    heartbeat[Symbol.dispose]();
    polls.abort();
    await Promise.all([fleet.stop(), looking.done]);
    await publisher.close();
    await tape?.close();
  })();
  await Promise.race([drained, clock.sleep(DRAIN_MS, tooLong.signal).catch(() => undefined)]);
  tooLong.abort();
  log.info({ spool: publisher.stats().spool, ...(tape && { tape: tape.stats() }) }, "agent stopped");
}

/** Where rigs are looked for. */
const planOf = ({ ranges, exclude, scanEveryMs }: AgentConfig): LookingPlan => ({
  ranges,
  exclude,
  everyMs: scanEveryMs,
});

/** What the heartbeat tells. */
function conditionOf(publisher: Publisher, fleet: Fleet): Condition {
  const { connected, spool } = publisher.stats();
  return { connected, rigs: fleet.counts(), spooled: spool.batches, spoolError: spool.error };
}

function publisherConfig(config: AgentConfig, path: string | undefined): PublisherConfig {
  const { broker, site, agent, dataDir, batchMs, batchSamples, gzip, spool, clock } = config;
  return {
    site,
    agent,
    dataDir,
    batchMs,
    batchSamples,
    gzip,
    spool,
    speed: clock?.speed,
    broker: {
      url: broker.url,
      username: broker.username,
      password: broker.password?.reveal(),
      ca: broker.caFile === undefined ? undefined : readOrSay(broker.caFile, "broker.caFile"),
      rejectUnauthorized: broker.rejectUnauthorized,
      advice: brokerLoginAdvice(path, broker),
    },
  };
}

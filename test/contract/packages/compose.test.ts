import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig as loadAgentConfig } from "@hashwatt/agent/config";
import { loadConfig as loadServerConfig } from "@hashwatt/server/config";
import { readEnvironment, toConfig } from "@hashwatt/simulator/config";
import { describe, expect, test } from "vitest";
import { type ComposeService, interpolate, madeEnv, parseEnv, readCompose } from "../../support/compose.js";
import { environmentOf, lastOf, parseDockerfile } from "../../support/dockerfile.js";
import { root } from "../../support/program.js";
import { scratch } from "../../support/stack.js";

const read = (path: string) => readFileSync(join(root, path), "utf8");
const text = read("docker-compose.yml");
const env = madeEnv();
const { services, networks, volumes } = readCompose("docker-compose.yml", env);
const named = Object.entries(services);
const file = parseDockerfile(read("Dockerfile"));
const OURS = ["server", "agent", "simulator"] as const;

/** What a service of ours is told, over what its image says. */
const environment = (name: (typeof OURS)[number]) => ({
  ...environmentOf(file, name),
  ...services[name]!.environment,
});
const mounted = (name: string, target: string) =>
  services[name]!.volumes!.find((volume) => volume.split(":")[1] === target)?.split(":")[0];
const server = loadServerConfig(
  join(root, mounted("server", "/etc/hashwatt/server.yaml")!),
  environment("server"),
);
const agent = loadAgentConfig(
  join(root, mounted("agent", "/etc/hashwatt/agent.yaml")!),
  environment("agent"),
);
const simulator = toConfig(readEnvironment(environment("simulator")).part);

describe("docker-compose.yml", () => {
  test("asks for nothing that .env.example does not list, and .env.example lists nothing else", () => {
    const asked = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name));
    expect(Object.keys(parseEnv(read(".env.example"))).sort()).toEqual([...asked].sort());
  });

  test("refuses to start without any one secret, and says which and what to do", () => {
    const secrets = Object.entries(parseEnv(read(".env.example")))
      .filter(([name, value]) => value === "" && /_(PASSWORD|TOKEN)$/.test(name))
      .map(([name]) => name);
    expect(secrets).toHaveLength(8);
    for (const secret of secrets) {
      expect(env[secret], secret).toMatch(/^[0-9a-f]{48}$/);
      expect(() => readCompose("docker-compose.yml", { ...env, [secret]: "" })).toThrow(
        `${secret}: set ${secret} in .env`,
      );
    }
    expect(new Set(secrets.map((secret) => env[secret])).size).toBe(secrets.length);
  });

  test("holds no secret itself", () => {
    for (const { environment = {} } of Object.values(readCompose("docker-compose.yml", env).services))
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|TOKEN|AGENTS/.test(name) && value !== "")
          expect(Object.values(env).some((secret) => secret.length === 48 && value.includes(secret))).toBe(
            true,
          );
  });

  test.each(named)("%s may do little: no root, nothing written, no capability, bounded", (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
      restart: "unless-stopped",
    });
    const user = service.user ?? lastOf(file, service.build!.target, "USER")!.text;
    expect(user).toMatch(/^[1-9]\d*:\d+$/);
    const { cpus, memory, pids } = service.deploy!.resources.limits;
    expect(Number(cpus)).toBeGreaterThan(0);
    expect(memory).toMatch(/^\d+[mg]$/);
    expect(pids).toBeGreaterThan(0);
  });

  test.each(named)("%s tells its health, and is of a fixed version", (_name, service) => {
    if (service.build) {
      expect(service.build.context).toBe(".");
      expect(lastOf(file, service.build.target, "HEALTHCHECK")).toBeDefined();
    } else {
      expect(service.image).toMatch(/:\d+\.\d+/);
      expect(service.healthcheck!.test[0]).toBe("CMD");
    }
  });

  test("publishes on 127.0.0.1 by default, each port that its service listens on", () => {
    const listens: Record<string, number> = {
      server: server.http.port,
      mosquitto: 1883,
      influxdb: 8086,
      grafana: 3000,
    };
    for (const [name, { ports = [] }] of named)
      expect(ports, name).toEqual(
        listens[name] ? [expect.stringMatching(new RegExp(`^127\\.0\\.0\\.1:\\d+:${listens[name]}$`))] : [],
      );
    const wide = readCompose("docker-compose.yml", { ...env, BIND: "0.0.0.0" });
    expect(wide.services.server!.ports).toEqual(["0.0.0.0:8080:8080"]);
  });

  test("mounts what is there, and declares each volume and network that it uses", () => {
    const used = { volumes: new Set<string>(), networks: new Set<string>() };
    for (const [name, service] of named) {
      for (const volume of service.volumes ?? []) {
        const [source = "", target = "", mode] = volume.split(":");
        expect(target).toMatch(/^\//);
        if (!source.startsWith(".")) used.volumes.add(source);
        else {
          expect(existsSync(join(root, source)), `${name}: ${source}`).toBe(true);
          expect(mode, `${name}: ${source}`).toBe("ro");
        }
      }
      for (const network of service.networks ?? []) used.networks.add(network);
    }
    expect([...used.volumes].sort()).toEqual(Object.keys(volumes).sort());
    expect([...used.networks].sort()).toEqual(Object.keys(networks).sort());
  });

  test("keeps the data of server and agent in volumes, and mounts their configs where their images look", () => {
    expect(mounted("server", server.store.dataDir)).toBe("server-data");
    expect(mounted("agent", agent.dataDir)).toBe("agent-data");
    for (const name of ["server", "agent"])
      expect(services[name]!.volumes!.map((volume) => volume.split(":")[1])).toContain(
        lastOf(file, name, "CMD")!.words.at(-1),
      );
  });

  const host = (url: string) => new URL(url).hostname;
  const share = (a: ComposeService, b: ComposeService) =>
    a.networks!.some((one) => b.networks!.includes(one));

  test("lets the server use its InfluxDB: the place, token, organisation and bucket that this is set up with", () => {
    const { influx, kind } = server.store;
    const { environment: setUp = {} } = services.influxdb!;
    expect(kind).toBe("influxdb");
    expect(influx!.url).toBe("http://influxdb:8086");
    expect(share(services.server!, services[host(influx!.url)]!)).toBe(true);
    expect(influx).toMatchObject({
      flavour: "2",
      org: setUp.DOCKER_INFLUXDB_INIT_ORG,
      database: setUp.DOCKER_INFLUXDB_INIT_BUCKET,
    });
    expect(influx!.token!.reveal()).toBe(setUp.DOCKER_INFLUXDB_INIT_ADMIN_TOKEN);
    expect(setUp.DOCKER_INFLUXDB_INIT_MODE).toBe("setup");
  });

  test("sets InfluxDB up with the server's retention, and with a user who may read its buckets and do nothing else", () => {
    const { environment: setUp = {} } = services.influxdb!;
    const days = (text: string) => Number(/^(\d+)d$/.exec(text)?.[1]);
    expect(days(setUp.DOCKER_INFLUXDB_INIT_RETENTION!)).toBe(server.store.rawDays);
    expect(days(setUp.ROLLUP_RETENTION!)).toBe(server.store.rollupDays);

    const folder = scratch("influx-cli");
    try {
      // The command line of InfluxDB, as far as the script uses it: it keeps what it is told, and knows buckets by id.
      writeFileSync(
        join(folder.path, "influx"),
        '#!/bin/sh\necho "$*" >> "$0.log"\ncase "$1 $2" in "bucket list") printf \'id-of-%s\\t%s\\n\' "$6" "$6" ;; esac\n',
        { mode: 0o755 },
      );
      execFileSync(join(root, "packaging/influxdb/10-reader.sh"), {
        env: { ...setUp, PATH: `${folder.path}:/usr/bin:/bin` },
      });
      const told = readFileSync(join(folder.path, "influx.log"), "utf8").trim().split("\n");
      expect(told.filter((line) => !line.startsWith("bucket list"))).toEqual([
        "bucket create --org hashwatt --name hashwatt_5m --retention 400d",
        "bucket create --org hashwatt --name hashwatt_1h --retention 0",
        `v1 auth create --org hashwatt --username grafana --password ${env.INFLUXDB_READER_PASSWORD} ${[
          "hashwatt",
          "hashwatt_5m",
          "hashwatt_1h",
        ]
          .map((bucket) => `--read-bucket id-of-${bucket}`)
          .join(" ")}`,
      ]);
    } finally {
      folder.remove();
    }
  });

  test("lets server and agent use their broker by users that its access list knows", () => {
    const { broker } = server;
    if (typeof broker !== "object" || !("url" in broker))
      throw new Error("the server has no external broker");
    const { environment: told = {} } = services.mosquitto!;
    for (const [name, { url }] of Object.entries({ server: broker, agent: agent.broker })) {
      expect(url).toBe("mqtt://mosquitto:1883");
      expect(share(services[name]!, services[host(url)]!)).toBe(true);
    }
    expect(read("packaging/mosquitto/start.sh")).toContain(`server ${broker.username} `);
    expect(broker.password!.reveal()).toBe(told.MQTT_SERVER_PASSWORD);
    expect(agent.broker.username).toBe(`${agent.site}/${agent.agent}`);
    expect(told.MQTT_AGENTS!.trim()).toBe(`${agent.broker.username}:${agent.broker.password!.reveal()}`);
    const further = { ...env, MQTT_FURTHER_AGENTS: "south/a:b south/c:d" };
    expect(readCompose("docker-compose.yml", further).services.mosquitto!.environment!.MQTT_AGENTS).toMatch(
      / south\/a:b south\/c:d$/,
    );
  });

  test("asks for the operator's password and is called by the names of .env", () => {
    expect(server.http.password!.reveal()).toBe(env.HASHWATT_PASSWORD);
    expect(server.http.hosts).toEqual([]);
    const called = readCompose("docker-compose.yml", { ...env, HTTP_HOSTS: "a.example,b.example" });
    expect(
      loadServerConfig(undefined, { ...environment("server"), ...called.services.server!.environment }).http
        .hosts,
    ).toEqual(["a.example", "b.example"]);
  });

  test("has the site of .env in the config of the server", () => {
    expect(server.sites.map(({ site }) => site)).toEqual([env.SITE]);
    expect(agent.site).toBe(env.SITE);
  });

  test("starts simulated rigs only when asked, where the agent looks for them and alone can reach them", () => {
    expect(services.simulator!.profiles).toEqual(["demo"]);
    expect(services.simulator!.network_mode).toBe("service:agent");
    expect(services.simulator!.networks).toBeUndefined();
    const first = agent.ranges[0]!;
    expect(first.range).toBe(`${simulator.base}-${simulator.rigs}`);
    expect(first.port).toBe(simulator.port);
  });

  test("starts Grafana only when asked, and InfluxDB before whoever needs it", () => {
    expect(named.filter(([, { profiles }]) => profiles).map(([name]) => name)).toEqual([
      "simulator",
      "grafana",
    ]);
    for (const name of ["server", "grafana"])
      expect(services[name]!.depends_on!.influxdb).toEqual({ condition: "service_healthy" });
    for (const { depends_on = {} } of Object.values(services))
      for (const needed of Object.keys(depends_on)) expect(services).toHaveProperty(needed);
  });

  test("runs scripts that can be run", () => {
    for (const script of [
      "packaging/mosquitto/start.sh",
      "packaging/influxdb/10-reader.sh",
      "packaging/compose/make-env.sh",
    ])
      accessSync(join(root, script), constants.X_OK);
    const [start] = services.mosquitto!.entrypoint!;
    const folder = services.mosquitto!.volumes![0]!.split(":");
    expect(start).toBe(`${folder[1]}/start.sh`);
  });

  test("adds TLS for agents elsewhere by one more file, with the variables that the broker's script reads", () => {
    expect(() => readCompose("packaging/compose/mqtt-tls.yml", env)).toThrow(/^MQTT_CERTS: set MQTT_CERTS/);
    const { services: more } = readCompose("packaging/compose/mqtt-tls.yml", {
      ...env,
      MQTT_CERTS: "/etc/certs",
    });
    expect(more.mosquitto!.volumes).toEqual(["/etc/certs:/mosquitto/certs:ro"]);
    expect(more.mosquitto!.ports).toEqual(["0.0.0.0:8883:8883"]);
    for (const name of Object.keys(more.mosquitto!.environment!))
      expect(read("packaging/mosquitto/start.sh")).toContain(`\${${name}:-}`);
  });
});

test("what the documentation says to type names files, profiles, services and variables that there are", () => {
  const profiles = named.flatMap(([, service]) => service.profiles ?? []);
  for (const page of ["README.md", "docs/operations.md", "agent/README.md"]) {
    const words = read(page);
    for (const [path] of words.matchAll(/\bpackaging\/[\w./-]*\w/g))
      expect(existsSync(join(root, path)), `${page}: ${path}`).toBe(true);
    for (const [, profile] of words.matchAll(/--profile (\w+)/g)) expect(profiles, page).toContain(profile);
    for (const [, service] of words.matchAll(/docker compose (?:exec|stop|start|cp|run --rm) (\w+)/g))
      expect(services, page).toHaveProperty([service!]);
    for (const [, name] of words.matchAll(/\b(HASHWATT_(?:SERVER|AGENT)_[A-Z_]+\w)\b/g)) {
      const load = name!.startsWith("HASHWATT_SERVER_") ? loadServerConfig : loadAgentConfig;
      // A value that is wrong for most keys: what matters is that the key is known.
      let said = "";
      try {
        load(undefined, { [name!]: "1" });
      } catch (error) {
        said = (error as Error).message;
      }
      expect(said, `${page}: ${name}`).not.toMatch(/is no setting/);
    }
  }
});

test("variables are put in as compose does", () => {
  const given = { A: "1", EMPTY: "" };
  const variable = (inner: string) => `$\{${inner}}`;
  const words = ["$$A", variable("A"), variable("B:-two"), variable("EMPTY:-three"), `${variable("B")}x`];
  expect(interpolate(words.join(" "), given)).toBe("$A 1 two three x");
  expect(() => interpolate(variable("EMPTY:?say it"), given)).toThrow("EMPTY: say it");
  expect(() => interpolate("$A", given)).toThrow("not understood");
});

import type { RigDetail } from "@hashwatt/protocol/http";
import { Link } from "wouter";
import { Panel } from "../parts/Panel.js";
import { replayId } from "../replay/replayId.js";
import { useWords } from "../words/words.js";
import style from "./Facts.module.css";

type Fact = readonly [term: string, value: string | undefined];

/** Terms and what is known of them; what is not known is left out, since nobody measures an identity. */
function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={style.facts}>
      {facts.map(([term, value]) =>
        value === undefined ? null : (
          <div key={term} style={{ display: "contents" }}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Limits that alerts use and where each comes from, the fans, and the other temperatures. */
export function CoolingPanel({ detail }: { detail: RigDetail }) {
  const { t, format } = useWords();
  const { sample, limits } = detail;
  // One that sleeps needs no fan.
  const runs = sample?.status === "mining" || sample?.status === "starting";
  const temp = (c: number | undefined) => (c === undefined ? undefined : `${format.temp(c).text} °C`);
  return (
    <Panel title={t("cooling.title")}>
      <Facts
        facts={[
          ...limits.map(
            ({ sensor, limitC, source }): Fact => [
              t(`limit.${sensor}`),
              `${format.temp(limitC).text} °C · ${source}`,
            ],
          ),
          [t("limit.title"), limits.length === 0 ? t("limit.none") : undefined],
          [t("field.outlet"), temp(sample?.outletTempC)],
          [t("field.coolant"), temp(sample?.coolantTempC)],
          [t("field.psuTemp"), temp(sample?.psuTempC)],
          [
            t("field.fanDuty"),
            sample?.fanDutyRatio === undefined ? undefined : `${format.percent(sample.fanDutyRatio).text} %`,
          ],
        ]}
      />
      {sample?.fansRpm && sample.fansRpm.length > 0 ? (
        <>
          <h3 className={style.sub}>{t("fan.title")}</h3>
          <ul className={style.fans}>
            {sample.fansRpm.map((rpm, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a fan is known by its place only
              <li key={at} className={rpm === 0 && runs ? `${style.fan} ${style.stopped}` : style.fan}>
                <small>{t("fan.name", { n: at + 1 })}</small>{" "}
                {rpm === 0 && runs ? "× 0" : format.number(rpm, 0)}
              </li>
            ))}
          </ul>
          {/* Firmwares tell 0 of a fan that stands still and of one that was never there. */}
          {runs && sample.fansRpm.includes(0) ? <p className={style.dim}>{t("fan.stopped")}</p> : null}
        </>
      ) : null}
    </Panel>
  );
}

/** The pools in order of priority, and the share counters since the mining daemon started. */
export function PoolsPanel({ detail }: { detail: RigDetail }) {
  const { t, format, span } = useWords();
  const { sample, evidence, devFee } = detail;
  const pools = evidence.pools ?? (sample?.pool ? [{ url: sample.pool, active: true }] : []);
  const shares = sample?.shares;
  if (pools.length === 0 && !shares) return null;
  const sent =
    shares?.accepted !== undefined && shares.rejected !== undefined
      ? shares.accepted + shares.rejected
      : undefined;
  const rejectedShare =
    sent !== undefined && sent > 0 && shares?.rejected !== undefined
      ? ` · ${format.number((shares.rejected / sent) * 100, 2)} %`
      : "";
  const count = (value: number | undefined) => (value === undefined ? undefined : format.number(value, 0));
  return (
    <Panel title={t("pools.title")}>
      {pools.map((pool, place) => {
        const active = sample?.pool === undefined ? pool.active === true : sample.pool === pool.url;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a pool is its place; one may stand in two
          <div key={place} className={style.pool}>
            <div>{pool.url}</div>
            <div className={style.dim}>
              {"user" in pool && pool.user ? `${pool.user} · ` : ""}
              {active ? <span className={style.active}>● {t("pool.active")}</span> : t("pool.waiting")}
              {"status" in pool && pool.status ? ` · ${pool.status}` : ""}
              {active && sample?.poolLatencyMs !== undefined
                ? ` · ${t("pool.latency", { ms: format.number(sample.poolLatencyMs, 0) })}`
                : ""}
            </div>
          </div>
        );
      })}
      {shares ? (
        <div style={{ marginTop: 8 }}>
          <Facts
            facts={[
              [t("shares.accepted"), count(shares.accepted)],
              [
                t("shares.rejected"),
                shares.rejected === undefined ? undefined : `${count(shares.rejected)}${rejectedShare}`,
              ],
              [t("shares.stale"), count(shares.stale)],
              [
                t("shares.devFee"),
                devFee
                  ? t("shares.devFeeMeasured", {
                      percent: format.number(devFee.share * 100, 2),
                      span: span(devFee.toMs - devFee.fromMs),
                    })
                  : undefined,
              ],
            ]}
          />
        </div>
      ) : null}
    </Panel>
  );
}

/** Where the register says that a rig stands. */
const PLACE = ["row", "rack", "position", "feeder", "pdu", "outlet", "owner"] as const;

/** "Bitmain Antminer S19", and "Bitaxe Supra" where the model bears the make already; undefined where neither is known. */
function makeAndModel({ make, model }: RigDetail["evidence"]): string | undefined {
  if (make === undefined || model?.startsWith(make)) return model;
  return model === undefined ? make : `${make} ${model}`;
}

/** What the rig is and how it is read. */
export function IdentityPanel({ detail }: { detail: RigDetail }) {
  const { t, format, span } = useWords();
  const { evidence, sample, zone } = detail;
  const nominal = format.hashrate(evidence.nominalThs);
  return (
    <Panel
      title={t("identity.title")}
      aside={
        detail.handedTo || replayId !== undefined ? undefined : detail.expected ? (
          <Link href={`/fleet/register?edit=${detail.expected.id}`}>{t("register.editLink")}</Link>
        ) : (
          <Link href={`/fleet/register?add=${detail.id}`}>{t("register.addLink")}</Link>
        )
      }
    >
      <Facts
        facts={[
          [
            t("identity.address"),
            evidence.port === undefined ? evidence.address : `${evidence.address}:${evidence.port}`,
          ],
          [t("identity.mac"), evidence.mac],
          [t("identity.serial"), evidence.serial],
          [t("identity.hostname"), evidence.hostname],
          [t("field.model"), makeAndModel(evidence)],
          [t("identity.firmware"), evidence.firmware],
          [
            t("identity.api"),
            [evidence.dialect, evidence.apiVersion].filter(Boolean).join(" · ") || undefined,
          ],
          [t("identity.algo"), sample?.algo ?? evidence.algo],
          [t("field.nominal"), nominal.unit ? `${nominal.text} ${nominal.unit}` : undefined],
          [t("identity.mode"), sample?.powerMode],
          [t("identity.uptime"), sample?.uptimeS === undefined ? undefined : span(sample.uptimeS * 1000)],
          [t("identity.agent"), `${detail.site}/${detail.agent}`],
          [
            t("identity.polled"),
            !sample
              ? undefined
              : sample.pollMs === undefined
                ? t("identity.tried", { interval: span(sample.intervalMs) })
                : t("identity.every", {
                    interval: span(sample.intervalMs),
                    poll: format.number(sample.pollMs, 0),
                  }),
          ],
          [t("identity.clock"), sample?.clock ? t(`clock.${sample.clock}`) : undefined],
          [t("identity.firstSeen"), format.moment(detail.firstSeenMs, zone)],
          [t("identity.joined"), detail.joined?.join(", ")],
          ...PLACE.map((key): Fact => [t(`register.${key}`), detail.expected?.[key]]),
          [t("register.state"), detail.expected && t(`register.${detail.expected.state}`)],
        ]}
      />
    </Panel>
  );
}

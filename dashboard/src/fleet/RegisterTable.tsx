import type { RegisterEntry, RegisterView, UnexpectedRig } from "@hashwatt/protocol/register";
import { Link } from "wouter";
import { fetchRegister } from "../feed/fetchApi.js";
import { useFetched, useServerNow } from "../feed/useFeed.js";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { useWords } from "../words/words.js";
import style from "./RegisterTable.module.css";

const REFRESH_MS = 30_000;
/** More rows than anybody reads; the count says how many there are. */
const MAX_ROWS = 500;

/** What the register of expected rigs is asked for here. */
export type RegisterList = "missing" | "unexpected";
export const isRegisterList = (status: string): status is RegisterList =>
  status === "missing" || status === "unexpected";

/** The register of a site, or of all; looked at again every half a minute. */
export const useRegister = (site: string) =>
  useFetched(`register ${site}`, (signal) => fetchRegister(site || undefined, signal), REFRESH_MS);

/** Active entries of which no rig answers. */
export const missingOf = ({ entries }: RegisterView): RegisterEntry[] =>
  entries.filter(({ state, presence }) => state === "active" && presence !== "present");

const PLACE = ["row", "rack", "position"] as const;

function MissingRow({ entry }: { entry: RegisterEntry }) {
  const { t, span } = useWords();
  const nowMs = useServerNow();
  const name = entry.name ?? entry.mac ?? entry.serial ?? entry.address ?? entry.worker ?? entry.id;
  const known = [entry.mac, entry.serial, entry.address, entry.worker].filter(
    (each) => each && each !== name,
  );
  const why =
    entry.presence === "missing"
      ? t("register.neverSeen")
      : entry.answeredMs === null
        ? t("register.silent")
        : t("register.silentSince", { age: span(nowMs - entry.answeredMs) });
  return (
    <tr data-entry={entry.id}>
      <th scope="row">{entry.rigs[0] ? <Link href={`/rigs/${entry.rigs[0]}`}>{name}</Link> : name}</th>
      <td data-label={t("register.place")}>
        {PLACE.flatMap((key) => (entry[key] ? [`${t(`register.${key}`)} ${entry[key]}`] : [])).join(" · ")}
      </td>
      <td data-label={t("register.knownBy")}>{known.join(" · ")}</td>
      <td data-label={t("register.owner")}>{entry.owner}</td>
      <td data-label={t("register.why")}>{why}</td>
    </tr>
  );
}

function UnexpectedRow({ rig }: { rig: UnexpectedRig }) {
  const { t } = useWords();
  return (
    <tr data-rig={rig.id}>
      <th scope="row">
        <Link href={`/rigs/${rig.id}`}>{rig.name}</Link>
      </th>
      <td data-label={t("field.model")}>{rig.model}</td>
      <td data-label={t("register.knownBy")}>{[rig.mac, rig.address].filter(Boolean).join(" · ")}</td>
      <td data-label={t("field.site")}>{rig.site}</td>
      <td data-label={t("register.why")}>
        <span>{t(rig.why === "retired" ? "register.retiredThere" : "register.unknown")}</span>{" "}
        {rig.why === "unknown" ? (
          <Link href={`/fleet/register?add=${rig.id}`}>{t("register.addLink")}</Link>
        ) : null}
      </td>
    </tr>
  );
}

/** Who is missing, or who is there without being expected, as the register has it. */
export function RegisterTable({
  list,
  register,
}: {
  list: RegisterList;
  register: ReturnType<typeof useRegister>;
}) {
  const { t } = useWords();
  const { data, atMs, error, retry } = register;
  if (!data)
    return error ? (
      <Problem error={error} onRetry={retry} />
    ) : (
      <Waiting text={t("register.loading")} height={120} />
    );
  if (!data.entries.length)
    return (
      <p className={style.empty}>
        {t("register.empty")} <Link href="/fleet/register">{t("register.open")}</Link>
      </p>
    );
  const isMissing = list === "missing";
  const rows = isMissing
    ? missingOf(data)
        .slice(0, MAX_ROWS)
        .map((entry) => <MissingRow key={entry.id} entry={entry} />)
    : data.unexpected.slice(0, MAX_ROWS).map((rig) => <UnexpectedRow key={rig.id} rig={rig} />);
  if (!rows.length)
    return <Waiting text={t(isMissing ? "register.noneMissing" : "register.noneUnexpected")} height={120} />;
  return (
    <div className={style.scroll}>
      <FetchProblem error={error} atMs={atMs} retry={retry} />
      <p className={style.note}>{t(isMissing ? "register.missingNote" : "register.unexpectedNote")}</p>
      <table className={style.table} data-testid={`register-${list}`}>
        <thead>
          <tr>
            <th scope="col">{t("register.rig")}</th>
            <th scope="col">{t(isMissing ? "register.place" : "field.model")}</th>
            <th scope="col">{t("register.knownBy")}</th>
            <th scope="col">{t(isMissing ? "register.owner" : "field.site")}</th>
            <th scope="col">{t("register.why")}</th>
          </tr>
        </thead>
        <tbody>{rows}</tbody>
      </table>
    </div>
  );
}

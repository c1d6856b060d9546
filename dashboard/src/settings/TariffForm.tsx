import { Choice } from "../parts/Choice.js";
import { Field } from "./Field.js";
import { Rows } from "./Rows.js";
import style from "./Settings.module.css";
import { useSettingsWords } from "./settingsWords.js";
import type { RuleDraft, TariffDraft } from "./tariffDraft.js";

const KINDS = ["flat", "timeOfUse", "tiered"] as const;
const DAYS = ["workday", "weekend", "holiday"] as const;

interface TariffFormProps {
  draft: TariffDraft;
  /** One that is there already keeps its id. */
  fresh: boolean;
  onChange(draft: TariffDraft): void;
}

function Rule({
  rule,
  bands,
  set,
}: {
  rule: RuleDraft;
  bands: readonly string[];
  set(change: Partial<RuleDraft>): void;
}) {
  const { t } = useSettingsWords();
  return (
    <>
      <Field
        label={t("set.band")}
        name="rule.band"
        value={rule.band}
        options={[...new Set([...bands, rule.band])].map((band) => ({ value: band, text: band }))}
        onChange={(band) => set({ band })}
      />
      <Field
        label={t("set.hours")}
        name="rule.hours"
        value={rule.hours}
        onChange={(hours) => set({ hours })}
      />
      <Field
        label={t("set.months")}
        name="rule.months"
        value={rule.months}
        onChange={(months) => set({ months })}
      />
      <fieldset className={style.days}>
        <legend>{t("set.days")}</legend>
        {DAYS.map((day) => (
          <label key={day}>
            <input
              type="checkbox"
              checked={rule.days.includes(day)}
              onChange={(event) =>
                set({
                  days: event.target.checked ? [...rule.days, day] : rule.days.filter((each) => each !== day),
                })
              }
            />
            {t(`set.day.${day}`)}
          </label>
        ))}
      </fieldset>
    </>
  );
}

/** The form of a flat, time-of-use or tiered tariff with adders, demand charges and fixed amounts. */
export function TariffForm({ draft, fresh, onChange }: TariffFormProps) {
  const { t } = useSettingsWords();
  const set = (change: Partial<TariffDraft>) => onChange({ ...draft, ...change });
  const field = (
    key:
      | "name"
      | "currency"
      | "source"
      | "price"
      | "lossesPercent"
      | "minimumCharge"
      | "taxPercent"
      | "readingDay",
    label: string,
    more: { hint?: string; type?: "number" } = {},
  ) => (
    <Field
      label={label}
      name={key}
      value={draft[key]}
      onChange={(value) => set({ [key]: value })}
      {...more}
    />
  );
  const number = { type: "number" as const };
  return (
    <div className={style.form} data-testid="tariffForm">
      <div className={style.grid}>
        <Field
          label={t("set.id")}
          name="id"
          value={draft.id}
          disabled={!fresh}
          hint={t("set.idHint")}
          onChange={(id) => set({ id })}
        />
        {field("name", t("set.name"))}
        {field("currency", t("set.currency"))}
        <Field
          label={t("set.validFrom")}
          name="validFrom"
          type="date"
          value={draft.validFrom}
          onChange={(validFrom) => set({ validFrom })}
        />
        <Field
          label={t("set.validTo")}
          name="validTo"
          type="date"
          value={draft.validTo}
          hint={t("set.validToHint")}
          onChange={(validTo) => set({ validTo })}
        />
        {field("source", t("set.source"), { hint: t("set.sourceHint") })}
        <Field
          label={t("set.asOf")}
          name="asOf"
          type="date"
          value={draft.asOf}
          onChange={(asOf) => set({ asOf })}
        />
      </div>
      <Choice
        label={t("set.kind")}
        options={KINDS.map((kind) => ({ value: kind, text: t(`set.kind.${kind}`) }))}
        value={draft.kind}
        onChoose={(kind) => set({ kind })}
      />
      {draft.kind === "flat" ? (
        <div className={style.grid}>{field("price", t("set.price"), number)}</div>
      ) : null}
      {draft.kind === "timeOfUse" ? (
        <>
          <Rows
            title={t("set.bands")}
            name="bands"
            rows={draft.bands}
            empty={{ name: "", price: "" }}
            least={1}
            onChange={(bands) => set({ bands })}
          >
            {(row, change) => (
              <>
                <Field
                  label={t("set.band")}
                  name="band.name"
                  value={row.name}
                  onChange={(name) => change({ name })}
                />
                <Field
                  label={t("set.price")}
                  name="band.price"
                  type="number"
                  value={row.price}
                  onChange={(price) => change({ price })}
                />
              </>
            )}
          </Rows>
          <Rows
            title={t("set.rules")}
            hint={t("set.rulesHint")}
            name="rules"
            rows={draft.rules}
            empty={{ band: draft.bands[0]?.name ?? "", hours: "", days: [], months: "" }}
            least={1}
            onChange={(rules) => set({ rules })}
          >
            {(row, change) => <Rule rule={row} bands={draft.bands.map(({ name }) => name)} set={change} />}
          </Rows>
        </>
      ) : null}
      {draft.kind === "tiered" ? (
        <Rows
          title={t("set.tiers")}
          hint={t("set.upToHint")}
          name="tiers"
          rows={draft.tiers}
          empty={{ upToKwh: "", price: "" }}
          least={1}
          onChange={(tiers) => set({ tiers })}
        >
          {(row, change) => (
            <>
              <Field
                label={t("set.upTo")}
                name="tier.upTo"
                type="number"
                value={row.upToKwh}
                onChange={(upToKwh) => change({ upToKwh })}
              />
              <Field
                label={t("set.price")}
                name="tier.price"
                type="number"
                value={row.price}
                onChange={(price) => change({ price })}
              />
            </>
          )}
        </Rows>
      ) : null}
      <Rows
        title={t("set.adders")}
        name="adders"
        rows={draft.adders}
        empty={{ name: "", perKwh: "" }}
        onChange={(adders) => set({ adders })}
      >
        {(row, change) => (
          <>
            <Field
              label={t("set.name")}
              name="adder.name"
              value={row.name}
              onChange={(name) => change({ name })}
            />
            <Field
              label={t("set.price")}
              name="adder.perKwh"
              type="number"
              value={row.perKwh}
              onChange={(perKwh) => change({ perKwh })}
            />
          </>
        )}
      </Rows>
      <Rows
        title={t("set.demand")}
        hint={t("set.demandHint")}
        name="demand"
        rows={draft.demand}
        empty={{ name: "", minutes: "15", perKw: "" }}
        onChange={(demand) => set({ demand })}
      >
        {(row, change) => (
          <>
            <Field
              label={t("set.name")}
              name="demand.name"
              value={row.name}
              onChange={(name) => change({ name })}
            />
            <Field
              label={t("set.minutes")}
              name="demand.minutes"
              value={row.minutes}
              options={["15", "30", "60"].map((n) => ({ value: n, text: t("set.min", { n }) }))}
              onChange={(minutes) => change({ minutes })}
            />
            <Field
              label={t("set.perKw")}
              name="demand.perKw"
              type="number"
              value={row.perKw}
              onChange={(perKw) => change({ perKw })}
            />
          </>
        )}
      </Rows>
      <Rows
        title={t("set.monthly")}
        name="monthly"
        rows={draft.monthly}
        empty={{ name: "", amount: "" }}
        onChange={(monthly) => set({ monthly })}
      >
        {(row, change) => (
          <>
            <Field
              label={t("set.name")}
              name="monthly.name"
              value={row.name}
              onChange={(name) => change({ name })}
            />
            <Field
              label={t("set.amount")}
              name="monthly.amount"
              type="number"
              value={row.amount}
              onChange={(amount) => change({ amount })}
            />
          </>
        )}
      </Rows>
      <div className={style.grid}>
        {field("lossesPercent", t("set.losses"), number)}
        {field("minimumCharge", t("set.minimumCharge"), number)}
        {field("taxPercent", t("set.tax"), number)}
        {field("readingDay", t("set.readingDay"), number)}
      </div>
    </div>
  );
}

import type { UserView } from "@hashwatt/protocol/access";
import type { Role } from "@hashwatt/protocol/http";
import { type FormEvent, useState } from "react";
import type { Fetched } from "../feed/useFeed.js";
import controls from "../parts/Controls.module.css";
import { FetchProblem } from "../parts/FetchProblem.js";
import { Panel } from "../parts/Panel.js";
import { Problem, Waiting } from "../parts/Problem.js";
import { SureButton } from "../parts/SureButton.js";
import { useDoing } from "../parts/useDoing.js";
import { useWords } from "../words/words.js";
import style from "./Access.module.css";
import { addUser, removeUser, setUser } from "./accessApi.js";

const ROLES: readonly Role[] = ["viewer", "operator", "admin"];

interface RowProps {
  user: UserView;
  zone: string;
  /** Resolves with whether it was done. */
  change(work: () => Promise<unknown>): Promise<boolean>;
}

function UserRow({ user: { name, role, from, passwordMs }, zone, change }: RowProps) {
  const { t, format } = useWords();
  const [asking, setAsking] = useState(false);
  const off = from === "config" ? t("access.declaredWhy") : undefined;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password"));
    // One that is refused stays, to be mended.
    if (await change(() => setUser(name, { password }))) setAsking(false);
  };
  return (
    <tr data-user={name}>
      <th scope="row">{name}</th>
      <td data-label={t("access.role")}>
        <select
          className={controls.input}
          aria-label={t("access.roleOf", { name })}
          value={role}
          disabled={off !== undefined}
          title={off}
          onChange={(event) => {
            const next = ROLES.find((each) => each === event.target.value);
            if (next) void change(() => setUser(name, { role: next }));
          }}
        >
          {ROLES.map((each) => (
            <option key={each} value={each}>
              {t(`role.${each}`)}
            </option>
          ))}
        </select>
      </td>
      <td data-label={t("access.passwordSince")}>
        {from === "config" ? t("access.declared") : format.date(passwordMs, zone)}
      </td>
      <td>
        <div className={style.actions}>
          {asking ? (
            <form className={style.inline} onSubmit={(event) => void submit(event)}>
              <input
                className={controls.input}
                name="password"
                type="password"
                autoComplete="new-password"
                minLength={8}
                maxLength={1_024}
                required
                aria-label={t("access.passwordOf", { name })}
                // biome-ignore lint/a11y/noAutofocus: it was asked for by the button in its place
                autoFocus
              />
              <button type="submit" className={controls.button}>
                {t("access.set")}
              </button>
              <button type="button" className={controls.button} onClick={() => setAsking(false)}>
                {t("access.cancel")}
              </button>
            </form>
          ) : (
            <>
              <button
                type="button"
                className={controls.button}
                disabled={off !== undefined}
                title={off}
                onClick={() => setAsking(true)}
              >
                {t("access.newPassword")}
              </button>
              <SureButton
                text={t("access.remove")}
                sure={t("access.removeSure")}
                off={off}
                onSure={() => void change(() => removeUser(name))}
              />
            </>
          )}
        </div>
      </td>
    </tr>
  );
}

/** Who logs in by name: added, given another role or password, removed. `changed` is called after each. */
export function UsersPanel({
  users,
  zone,
  open,
  changed,
}: {
  users: Fetched<UserView[]>;
  zone: string;
  /** Nobody is asked who they are here: the first user must be an admin. */
  open: boolean;
  changed(): void;
}) {
  const { t } = useWords();
  const doing = useDoing();
  const change = async (work: () => Promise<unknown>) => {
    const done = await doing.queue(work);
    if (done) changed();
    return done;
  };
  const add = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const of = new FormData(form);
    const role = ROLES.find((each) => each === of.get("role")) ?? "viewer";
    const done = await doing.run(() => addUser(String(of.get("name")), role, String(of.get("password"))));
    if (!done) return;
    form.reset();
    changed();
  };
  return (
    <Panel
      title={t("access.users")}
      note={t("access.usersNote")}
      aside={users.data?.length ? t("access.usersCount", { n: users.data.length }) : undefined}
    >
      <FetchProblem {...users} />
      {users.data?.length ? (
        <table className={style.table} data-testid="users">
          <thead>
            <tr>
              <th scope="col">{t("access.name")}</th>
              <th scope="col">{t("access.role")}</th>
              <th scope="col">{t("access.passwordSince")}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {users.data.map((user) => (
              <UserRow key={user.name} user={user} zone={zone} change={change} />
            ))}
          </tbody>
        </table>
      ) : (
        <Waiting text={t(users.data ? "access.noUsers" : "access.loading")} />
      )}
      <form
        key={String(open)}
        className={style.add}
        onSubmit={(event) => void add(event)}
        data-testid="addUser"
      >
        <label>
          {t("access.name")}
          <input
            className={controls.input}
            name="name"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            maxLength={64}
            pattern="[a-z0-9][a-z0-9._@\-]*"
            required
          />
        </label>
        <label>
          {t("access.role")}
          <select className={controls.input} name="role" defaultValue={open ? "admin" : "viewer"}>
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {t(`role.${role}`)}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t("access.password")}
          <input
            className={controls.input}
            name="password"
            type="password"
            autoComplete="new-password"
            minLength={8}
            maxLength={1_024}
            required
          />
        </label>
        <button type="submit" className={controls.go} aria-disabled={doing.busy}>
          {t("access.addUser")}
        </button>
      </form>
      {doing.error ? <Problem error={doing.error} /> : null}
    </Panel>
  );
}

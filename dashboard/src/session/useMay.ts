import type { Role } from "@hashwatt/protocol/http";
import { useWords } from "../words/words.js";
import { useSession } from "./useSession.js";

const ORDER: readonly Role[] = ["viewer", "operator", "admin"];

/**
 * Whether one may do what takes a role; where not, why, to be shown beside what is off. While the server has not told who one is,
 * it is left to the server to refuse.
 */
export function useMay(needed: Role): { may: boolean; why: string | undefined } {
  const { t } = useWords();
  const session = useSession();
  const role = session.at === "in" ? session.role : null;
  const may = role === null || ORDER.indexOf(role) >= ORDER.indexOf(needed);
  return {
    may,
    why:
      may || role === null
        ? undefined
        : t("may.not", { needed: t(`role.${needed}`), role: t(`role.${role}`) }),
  };
}

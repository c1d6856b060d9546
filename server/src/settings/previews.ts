import type { ChangePreview, TariffPreview } from "@hashwatt/protocol/settings";
import { ServerError } from "../error.js";
import type { Tariff } from "../rates/tariffs/tariff.js";
import { tariffSchema } from "../rates/tariffs/tariff.js";
import type { Sites } from "../sites.js";
import type { ChangeParts, ProposedChange } from "./changePreview.js";
import { type Settings, sentencesOf } from "./settings.js";
import { tariffKind } from "./tariffKind.js";
import { type PreviewParts, tariffPreview } from "./tariffPreview.js";

/** Looks at what documents come to before they are put. */
export class Previews {
  constructor(
    private readonly parts: PreviewParts & { settings: Settings; sites: Pick<Sites, "get"> } & ChangeParts,
  ) {}

  /** Which hours a change of documents would price anew. Throws ServerError `badRequest` and `notFound`. */
  async change(change: ProposedChange): Promise<ChangePreview> {
    const { changePreview } = await import("./changePreview.js");
    return changePreview(this.parts, change);
  }

  /**
   * What a site's tariffs would come to with some put, each in the place of one of its id, and some gone. Throws ServerError
   * `notFound` for a site that is none, `badRequest` with what is wrong with a tariff.
   */
  async of(
    site: string,
    put: readonly Record<string, unknown>[],
    without: readonly string[],
  ): Promise<TariffPreview> {
    const { settings, sites } = this.parts;
    const record = sites.get(site);
    if (!record) throw new ServerError("notFound", `There is no site "${site.slice(0, 64)}"; see /api/sites`);
    const { kind } = tariffKind;
    const documents = put.map((body) => ({ kind, site, id: String(body.id ?? ""), body }));
    const gone = without.map((id) => ({ kind, site, id }));
    const defects = settings.check(documents, gone);
    if (defects.length) throw new ServerError("badRequest", sentencesOf(defects));
    const tariffs = new Map<string, Tariff>(
      settings.values(tariffKind, site).map(({ id, value }) => [id, value]),
    );
    for (const id of without) tariffs.delete(id);
    for (const { id, body } of documents) tariffs.set(id, tariffSchema.parse(body));
    return tariffPreview(this.parts, record, [...tariffs.values()]);
  }
}

import { literal, type Session } from "../duck/session.js";
import type { DocumentChange, DocumentStore, StoredDocument } from "./documents.js";
import { ofFx, ofSite, ofTariff, replaceRows } from "./siteTables.js";
import { quoted } from "./sqlText.js";

/** Documents in the state file. */
export class DocumentTable implements DocumentStore {
  constructor(
    private readonly writer: Session,
    private readonly reader: Session,
  ) {}

  async all(kind?: string): Promise<StoredDocument[]> {
    const of = kind === undefined ? "" : `WHERE kind = ${quoted(kind)}`;
    const rows = await this.reader.rows(`SELECT * FROM documents ${of} ORDER BY kind, site, id`);
    return rows.map((row) => ({
      kind: String(row.kind),
      site: String(row.site),
      id: String(row.id),
      body: JSON.parse(String(row.body)),
      changedMs: Number(row.changed_ms),
    }));
  }

  async change({ put = [], drop = [], sites = [], prices = [], fx = [] }: DocumentChange): Promise<void> {
    const records = [...sites.map(ofSite), ...prices.map(ofTariff), ...fx.map(ofFx)];
    const gone = [...drop, ...put].map(
      ({ kind, site, id }) => `(${quoted(kind)}, ${quoted(site)}, ${quoted(id)})`,
    );
    if (!gone.length && !records.length) return;
    const kept = [...new Map(put.map((each) => [`${each.kind} ${each.site} ${each.id}`, each])).values()];
    await this.writer.transaction(async (connection) => {
      if (gone.length)
        await connection.run(`DELETE FROM documents WHERE (kind, site, id) IN (${gone.join(",")})`);
      for (const { kind, site, id, body, changedMs } of kept)
        await connection.run(
          `INSERT INTO documents VALUES (${quoted(kind)}, ${quoted(site)}, ${quoted(id)}, $1, ${literal(changedMs)})`,
          [JSON.stringify(body)],
        );
      for (const record of records) await replaceRows(connection, record);
    });
  }
}

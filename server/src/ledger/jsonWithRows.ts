import { JsonBytes, type JsonValue } from "./jsonBytes.js";

/** `{"rows": […], …rest}` as UTF-8; `rest` is asked for once all rows were taken. */
export function jsonWithRows(rows: Iterable<JsonValue>, rest: () => object): Buffer {
  const json = new JsonBytes();
  let before = '{"rows":[';
  for (const row of rows) {
    json.raw(before);
    json.value(row);
    before = ",";
  }
  const after = JSON.stringify(rest()).slice(1);
  json.raw(`${before === "," ? "" : before}${after === "}" ? "]}" : `],${after}`}`);
  return json.bytes;
}

/** An XML element: its name without a prefix, its child elements and its text. */
export interface Element {
  name: string;
  children: Element[];
  text: string;
}

/** Deeper and larger than any document that is read here. */
const MAX_DEPTH = 32;
const MAX_ELEMENTS = 500_000;
const TOKEN =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)([^<>]*?)(\/?)>|([^<]+)/y;
const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

const decoded = (text: string): string =>
  text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w+);/g, (all, name: string) => {
    if (!name.startsWith("#")) {
      const known = ENTITIES[name];
      if (known === undefined) throw new RangeError(`the entity ${all} is not known`);
      return known;
    }
    const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });

/**
 * Reads the elements and texts of an XML document, as market documents need it: attributes are skipped, and a document type with
 * entities of its own is refused, for nothing good comes of one. Throws RangeError.
 */
export function readXml(text: string): Element {
  const root: Element = { name: "", children: [], text: "" };
  const open: Element[] = [root];
  let elements = 0;
  TOKEN.lastIndex = 0;
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    if (!token) throw new RangeError(`is no XML at character ${at}: "${text.slice(at, at + 40)}"`);
    const [, cdata, slash, name, , alone, plain] = token;
    const inner = open.at(-1)!;
    if (plain !== undefined) inner.text += decoded(plain);
    else if (cdata !== undefined) inner.text += cdata;
    else if (name === undefined) continue;
    else if (slash) {
      if (open.length < 2 || inner.name !== localName(name))
        throw new RangeError(`is no XML: </${name}> closes <${inner.name}>`);
      open.pop();
    } else {
      const element: Element = { name: localName(name), children: [], text: "" };
      inner.children.push(element);
      if (++elements > MAX_ELEMENTS || open.length > MAX_DEPTH)
        throw new RangeError("is larger or deeper than any document of its kind");
      if (!alone) open.push(element);
    }
  }
  if (open.length !== 1) throw new RangeError(`is no whole XML: <${open.at(-1)!.name}> is not closed`);
  const [first, ...others] = root.children;
  if (!first || others.length) throw new RangeError("is no XML document with one root element");
  return first;
}

const localName = (name: string): string => name.slice(name.indexOf(":") + 1);

/** The children of a name. */
export const childrenOf = (element: Element, name: string): Element[] =>
  element.children.filter((child) => child.name === name);

/** The text of the first child of a name, or of a path of names; undefined where there is none. */
export function textAt(element: Element, ...path: readonly string[]): string | undefined {
  let at: Element | undefined = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at?.text.trim();
}

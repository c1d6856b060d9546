/** A selection set: what is wanted of an object, and of the objects within. */
type Selection = Map<string, Selection | undefined>;

class Unreadable extends Error {}

/** Reads a query's selection sets; arguments are passed over, fragments on a type count as if they stood there. */
function parseQuery(query: string): Selection {
  const words = query.match(/\.\.\.|[{}]|\([^)]*\)|[A-Za-z_]\w*|[^\s,]/g) ?? [];
  let at = 0;
  const set = (): Selection => {
    const found: Selection = new Map();
    for (;;) {
      const word = words[at++];
      if (word === undefined) throw new Unreadable("unexpected end of the query");
      if (word === "}") return found;
      if (word === "...") {
        // `... on Type { … }`
        at += 2;
        if (words[at++] !== "{") throw new Unreadable("a fragment without fields");
        for (const [name, inner] of set()) found.set(name, inner);
        continue;
      }
      if (!/^[A-Za-z_]/.test(word)) throw new Unreadable(`unexpected ${word}`);
      if (words[at]?.startsWith("(")) at++;
      let inner: Selection | undefined;
      if (words[at] === "{") {
        at++;
        inner = set();
      }
      found.set(word, inner);
    }
  };
  while (at < words.length && words[at] !== "{") at++;
  at++;
  return set();
}

function pick(data: unknown, wanted: Selection): unknown {
  if (Array.isArray(data)) return data.map((one) => pick(one, wanted));
  if (data === null || typeof data !== "object") return data;
  const from = data as Record<string, unknown>;
  return Object.fromEntries(
    [...wanted].map(([name, inner]) => {
      if (!(name in from)) throw new Unreadable(`Unknown field "${name}"`);
      return [name, inner === undefined ? from[name] : pick(from[name], inner)];
    }),
  );
}

/** Answers a query from all that there is: one unknown field costs the whole answer, as the specification has it. */
export function answerQuery(query: string, data: object): object {
  try {
    return { data: pick(data, parseQuery(query)) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { data: null, errors: [{ message: error.message }] };
  }
}

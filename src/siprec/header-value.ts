/** Values with parameters, `multipart/mixed;boundary="a b"`, read as forgivingly as recording clients need. */

/** The value before the first semicolon and the parameters after it, names in lower case. */
export interface HeaderValue {
  readonly value: string;
  readonly parameters: ReadonlyMap<string, HeaderParameter>;
}

/** One parameter. */
export interface HeaderParameter {
  /** As written. */
  readonly name: string;
  readonly text: string;
  readonly quoted: boolean;
}

/** More parameters are left out. */
const MAX_PARAMETERS = 50;

/** Reads any text; the first of two parameters of one name counts. */
export function parseHeaderValue(text: string): HeaderValue {
  const [value = "", ...rest] = splitOutsideQuotes(text, ";");
  const parameters = new Map<string, HeaderParameter>();
  for (const piece of rest.slice(0, MAX_PARAMETERS)) {
    const equals = piece.indexOf("=");
    const name = (equals === -1 ? piece : piece.slice(0, equals)).trim();
    const raw = equals === -1 ? "" : piece.slice(equals + 1).trim();
    if (name !== "" && !parameters.has(name.toLowerCase())) {
      const quoted = raw.startsWith('"');
      parameters.set(name.toLowerCase(), { name, text: quoted ? unquote(raw) : raw, quoted });
    }
  }
  return { value: value.trim(), parameters };
}

/** A quoted string, closed or not, an address in angle brackets, or one character. */
const PIECE = /"(?:[^"\\]|\\.)*"?|<[^>]*>?|./gs;

/** Cuts at each separator that is in no quoted string and no angle brackets. */
export function splitOutsideQuotes(text: string, separator: "," | ";"): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  for (const { 0: token, index } of text.matchAll(PIECE)) {
    if (token === separator) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** A quoted string without its quotes; one that is not closed goes to the end. */
function unquote(raw: string): string {
  const match = /^"((?:[^"\\]|\\.)*)/s.exec(raw);
  return (match?.[1] ?? "").replaceAll(/\\(.)/gs, "$1");
}

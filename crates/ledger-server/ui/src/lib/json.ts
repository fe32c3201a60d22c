// JSON as the text that it is: numbers keep all their digits, and what nobody looks at is passed over.

/** A value within a text of valid JSON. */
export interface Piece {
  text: string;
  from: number;
  to: number;
}

export type Sort = "object" | "array" | "string" | "number" | "literal";

/** A value of an object, by its name, or of an array, by its place. */
export interface Part {
  key: string | number;
  value: Piece;
}

const [QUOTE, SLASH] = [34, 92];

/** The value that a text is. Fails when it is not JSON. */
export function piece(text: string): Piece {
  JSON.parse(text);
  return trusted(text);
}

/** The value that a text is, when it is known to be JSON. */
export function trusted(text: string): Piece {
  const from = pastBlanks(text, 0);
  return { text, from, to: endOf(text, from) };
}

/** The text of a value, as it was written. */
export function source({ text, from, to }: Piece): string {
  return text.slice(from, to);
}

/** What a value is as JavaScript has it; large numbers lose digits. */
export function plain(value: Piece): unknown {
  return JSON.parse(source(value));
}

export function sortOf({ text, from }: Piece): Sort {
  switch (text[from]) {
    case "{":
      return "object";
    case "[":
      return "array";
    case '"':
      return "string";
    default:
      return /[-\d]/.test(text[from] ?? "") ? "number" : "literal";
  }
}

/** The values of an object or an array. A name that is given twice is there twice. */
export function partsOf({ text, from, to }: Piece): Part[] {
  const named = text[from] === "{";
  const parts: Part[] = [];
  let at = pastBlanks(text, from + 1);
  while (at < to - 1) {
    let key: string | number = parts.length;
    if (named) {
      const end = endOfString(text, at);
      key = JSON.parse(text.slice(at, end)) as string;
      at = pastBlanks(text, pastBlanks(text, end) + 1);
    }
    const end = endOf(text, at);
    parts.push({ key, value: { text, from: at, to: end } });
    at = pastBlanks(text, end);
    if (text[at] === ",") at = pastBlanks(text, at + 1);
  }
  return parts;
}

/**
 * The values of an object by their names, or of an array by their places; all else has none. Of a name that is given twice the
 * last counts, as for JavaScript.
 */
export function named(value: Piece): Map<string | number, Piece> {
  const sort = sortOf(value);
  return new Map(sort === "object" || sort === "array" ? partsOf(value).map((part) => [part.key, part.value]) : []);
}

/** A value as `JSON.stringify` writes it, in one line or indented, but with its numbers as they were written. */
export function written(value: Piece, indent = 0, margin = ""): string {
  const sort = sortOf(value);
  if (sort === "string") return JSON.stringify(plain(value));
  if (sort !== "object" && sort !== "array") return source(value);
  const [open, close] = sort === "object" ? "{}" : "[]";
  const inner = margin + " ".repeat(indent);
  const parts = partsOf(value).map((part) => {
    const name = typeof part.key === "string" ? `${JSON.stringify(part.key)}:${indent > 0 ? " " : ""}` : "";
    return name + written(part.value, indent, inner);
  });
  if (indent === 0 || parts.length === 0) return `${open}${parts.join(",")}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}

/** A number of JSON for people: a whole one with its thousands apart, however large it is. */
export function counted(text: string): string {
  return /^-?\d+$/.test(text) ? BigInt(text).toLocaleString("en") : text;
}

/** A value of an object. */
export function member(value: Piece, name: string): Piece | null {
  return partsOf(value).find((part) => part.key === name)?.value ?? null;
}

/** The path to a part, as jq takes it. */
export function step(path: string, key: string | number): string {
  if (typeof key === "string" && /^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return path === "." ? `.${key}` : `${path}.${key}`;
  return `${path}[${JSON.stringify(key)}]`;
}

function pastBlanks(text: string, at: number): number {
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}

function endOf(text: string, from: number): number {
  switch (text[from]) {
    case '"':
      return endOfString(text, from);
    case "{":
    case "[":
      return endOfNest(text, from);
    default: {
      let at = from + 1;
      while (at < text.length && !",]} \t\n\r".includes(text[at]!)) at++;
      return at;
    }
  }
}

function endOfNest(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = endOfString(text, at) - 1;
    else if (sign === 123 || sign === 91) depth++;
    else if ((sign === 125 || sign === 93) && --depth === 0) return at + 1;
  }
  return text.length;
}

function endOfString(text: string, from: number): number {
  for (let at = from + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === SLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
}

/** The User-to-User header, read and written: RFC 7433, A Mechanism for Transporting User-to-User Call Control Information. */
import { parseHeaderValue, splitOutsideQuotes } from "./header-value.ts";

/** One value of the header. */
export interface UserToUser {
  /** `hex` unless another is named. */
  readonly encoding: string;
  readonly purpose: string | undefined;
  readonly content: string | undefined;
  readonly bytes: Uint8Array;
  /** The bytes as text, where all of it can be read; `undefined`: binary. */
  readonly text: string | undefined;
  /** False where it says hex and is not; the value is then taken as text. */
  readonly wellFormed: boolean;
}

/** Longer values are cut; networks carry 128 bytes. */
const MAX_CHARACTERS = 4096;
const MAX_VALUES = 8;

/** Reads all values of one header field. */
export function decodeUserToUser(field: string): readonly UserToUser[] {
  return splitOutsideQuotes(field.slice(0, MAX_CHARACTERS), ",")
    .slice(0, MAX_VALUES)
    .filter((piece) => piece.trim() !== "")
    .map(decodeOne);
}

function decodeOne(piece: string): UserToUser {
  const { value, parameters } = parseHeaderValue(piece);
  const encoding = (parameters.get("encoding")?.text ?? "hex").toLowerCase();
  const data = /^"(.*)"$/s.exec(value)?.[1] ?? value;
  const isHex = /^(?:[0-9A-Fa-f]{2})*$/.test(data);
  const bytes = Buffer.from(data, encoding === "hex" && isHex ? "hex" : "utf8");
  return {
    encoding,
    purpose: parameters.get("purpose")?.text,
    content: parameters.get("content")?.text,
    bytes,
    text: textOf(bytes),
    wellFormed: encoding !== "hex" || isHex,
  };
}

function textOf(bytes: Buffer): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text !== "" && /^[\P{Cc}\t\r\n]*$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** What is written. */
export interface UserToUserOptions {
  /** Text is sent as its UTF-8 bytes. */
  readonly data: string | Uint8Array;
  /** A token such as `isdn-uui`. */
  readonly purpose?: string | undefined;
  /** A token such as `isdn-uui`. */
  readonly content?: string | undefined;
}

/** The value of the header, always in hex; what is no token among the parameters is left out. */
export function encodeUserToUser({ data, purpose, content }: UserToUserOptions): string {
  const hex = Buffer.from(data).toString("hex");
  const isToken = (text: string | undefined): text is string =>
    text !== undefined && /^[0-9A-Za-z.!%*_+`'~-]{1,64}$/.test(text);
  return [
    hex,
    "encoding=hex",
    ...(isToken(purpose) ? [`purpose=${purpose}`] : []),
    ...(isToken(content) ? [`content=${content}`] : []),
  ].join(";");
}

/** Bytes of an XML document as text: by byte order mark, declaration, Content-Type, and what the bytes allow. */
import { type Oddity, type OddityCode, oddity } from "./oddities.ts";

/** Labels of the declaration → what decodes them. */
const DECODERS: Readonly<Record<string, string>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "us-ascii": "utf-8",
  ascii: "utf-8",
  "iso-8859-1": "windows-1252",
  latin1: "windows-1252",
  "windows-1252": "windows-1252",
  "iso-8859-15": "iso-8859-15",
};
const DECLARED = /^\s*<\?xml[^>]{0,100}?encoding\s{0,10}=\s{0,10}["']([\w.:-]{1,40})["']/;
const DECLARATION_BYTES = 256;

/** The text without a byte order mark; never an exception. */
export function decodeXml(
  bytes: Uint8Array,
  charset: string | undefined,
  where: string,
): { readonly text: string; readonly oddities: readonly Oddity[] } {
  const wide = wideDecoder(bytes);
  const reading = wide === undefined ? decodeNarrow(bytes, charset) : decodeWide(bytes, wide);
  const codes: OddityCode[] = [...reading.codes];
  const marked = reading.text.startsWith("\uFEFF");
  if (marked) {
    codes.push("byteOrderMark");
  }
  const text = marked ? reading.text.slice(1) : reading.text;
  return { text, oddities: codes.map((code) => oddity(code, where)) };
}

interface Decoded {
  readonly text: string;
  readonly codes: readonly OddityCode[];
}

/** UTF-16 shows by its mark, or by a zero beside the first `<`. XML 1.0 appendix F, Autodetection of Character Encodings. */
function wideDecoder(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) {
    return "utf-16le";
  }
  return (first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)
    ? "utf-16be"
    : undefined;
}

function decodeWide(bytes: Uint8Array, decoder: string): Decoded {
  const text = new TextDecoder(decoder, { ignoreBOM: true }).decode(bytes);
  return { text, codes: ["charsetUnusual"] };
}

function decodeNarrow(bytes: Uint8Array, charset: string | undefined): Decoded {
  const start = Buffer.from(bytes.subarray(0, DECLARATION_BYTES)).toString("latin1");
  const declared = (
    DECLARED.exec(start.replace(/^ï»¿/, ""))?.[1] ??
    charset ??
    "utf-8"
  ).toLowerCase();
  const decoder = DECODERS[declared];
  if (decoder !== undefined && decoder !== "utf-8") {
    return { text: new TextDecoder(decoder).decode(bytes), codes: ["charsetUnusual"] };
  }
  const codes: OddityCode[] = decoder === undefined ? ["charsetWrong"] : [];
  try {
    return {
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
      codes,
    };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), codes: ["charsetWrong"] };
  }
}

/** Reads a JSON object while it is being written, as far as one of its texts goes: what a person may already see of an answer. */

/** What the next character belongs to. */
type Place = "outside" | "key" | "value" | "other";

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Takes the object in pieces, cut anywhere. Whether the whole is valid is for a real parser to say. */
export class PartialAnswer {
  readonly #field: string;
  readonly #maxCharacters: number;
  #place: Place = "outside";
  #depth = 0;
  /** After a colon of the outermost object. */
  #isValue = false;
  #key = "";
  #text = "";
  /** An escape under way, without its backslash; `undefined`: none. */
  #escape: string | undefined;
  #isDone = false;

  /** @param field of the outermost object. @param maxCharacters of its text; the rest is not read. */
  constructor(field: string, maxCharacters: number) {
    this.#field = field;
    this.#maxCharacters = maxCharacters;
  }

  /** The text so far; half a character at its end is left out. */
  get text(): string {
    const last = this.#text.charCodeAt(this.#text.length - 1);
    return last >= 0xd800 && last <= 0xdbff ? this.#text.slice(0, -1) : this.#text;
  }

  /** Whether the text grew. */
  push(piece: string): boolean {
    const before = this.text.length;
    for (const character of this.#isDone ? "" : piece) {
      if (this.#place === "outside") {
        this.#readOutside(character);
      } else {
        this.#readString(character);
      }
      if (this.#isDone) {
        break;
      }
    }
    return this.text.length > before;
  }

  #readOutside(character: string): void {
    switch (character) {
      case "{":
      case "[":
        this.#depth += 1;
        break;
      case "}":
      case "]":
        this.#depth -= 1;
        break;
      case ":":
        this.#isValue = true;
        break;
      case ",":
        this.#isValue = false;
        break;
      case '"':
        this.#place = this.#placeOfString();
        break;
      default:
        break;
    }
  }

  #placeOfString(): Place {
    if (this.#depth !== 1) {
      return "other";
    }
    if (!this.#isValue) {
      this.#key = "";
      return "key";
    }
    return this.#key === this.#field ? "value" : "other";
  }

  #readString(character: string): void {
    if (this.#escape !== undefined) {
      this.#readEscape(character);
    } else if (character === "\\") {
      this.#escape = "";
    } else if (character === '"') {
      this.#isDone = this.#place === "value";
      this.#place = "outside";
    } else {
      this.#add(character);
    }
  }

  #readEscape(character: string): void {
    const code = `${this.#escape}${character}`;
    const isUnicode = code.startsWith("u");
    if (isUnicode && code.length < 5) {
      this.#escape = code;
      return;
    }
    this.#escape = undefined;
    const unit = isUnicode ? Number.parseInt(code.slice(1), 16) : Number.NaN;
    this.#add(Number.isNaN(unit) ? (SIMPLE_ESCAPES[code] ?? "") : String.fromCharCode(unit));
  }

  #add(text: string): void {
    if (this.#place === "value") {
      this.#text += text;
      this.#isDone = this.#text.length >= this.#maxCharacters;
    } else if (this.#place === "key" && this.#key.length <= this.#field.length) {
      this.#key += text;
    }
  }
}

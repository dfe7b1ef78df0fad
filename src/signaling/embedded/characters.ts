/** Character classes of RFC 3261 section 25.1, Basic Rules, as tables for hand-written parsers. */

const TOKEN = new Uint8Array(256);
const HOST = new Uint8Array(256);
const WORD = new Uint8Array(256);

function allow(table: Uint8Array, characters: string): void {
  for (const character of characters) {
    table[character.charCodeAt(0)] = 1;
  }
}

const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
allow(TOKEN, `${ALPHANUMERIC}-.!%*_+\`'~`);
allow(HOST, `${ALPHANUMERIC}-._`);
allow(WORD, `${ALPHANUMERIC}-.!%*_+\`'~()<>:\\"/[]?{}@=;,&$#^`);

function consistsOf(table: Uint8Array, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 255 || table[code] === 0) {
      return false;
    }
  }
  return text.length > 0;
}

/** Whether `text` is a non-empty `token`. */
export function isToken(text: string): boolean {
  return consistsOf(TOKEN, text);
}

/** Whether `text` has only characters of host names and IPv4 addresses (and `_`, which exists in the wild). */
export function isHostText(text: string): boolean {
  return consistsOf(HOST, text);
}

/**
 * Whether `text` can be a Call-ID: printable ASCII without spaces and without `|`, which separates the fields of the
 * application protocol.
 */
export function isCallId(text: string): boolean {
  return consistsOf(WORD, text);
}

/** The value of `text` when it is 1 to `maxDigits` decimal digits and nothing else. */
export function digitsOf(text: string, maxDigits: number): number | undefined {
  if (text.length === 0 || text.length > maxDigits) {
    return undefined;
  }
  let value = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) {
      return undefined;
    }
    value = value * 10 + digit;
  }
  return value;
}

/** Whether the character code is a space or a tab. */
export function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

/** Contacts that were announced before their call: by number or by a code of keys, each for a while, a code only once. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type {
  AnnouncedContact,
  ContactAnnouncement,
  ContactClue,
  ContactRegister,
  FoundContact,
} from "../ports/contact-directory.ts";

/** What the book works with. */
export interface ContactBookOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: Metrics;
  readonly maxContacts: number;
  readonly ttlSeconds: number;
  readonly codeDigits: number;
}

interface Entry {
  readonly contact: FoundContact;
  readonly expiresUs: number;
}

/** Codes that are tried before there is none left. */
const MAX_DRAWS = 20;

/** Kept in memory only, and forgotten; nothing of it is ever logged. */
export class ContactBook implements ContactRegister {
  readonly #options: ContactBookOptions;
  /** The oldest first. */
  readonly #entries = new Map<string, Entry>();

  constructor(options: ContactBookOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  announce(announcement: ContactAnnouncement): AnnouncedContact {
    const { clock, metrics, maxContacts, ttlSeconds: usualSeconds } = this.#options;
    this.#forgetExpired();
    const { number, identity, attributes, ttlSeconds = usualSeconds } = announcement;
    const code = announcement.code ?? (number === undefined ? this.#draw() : undefined);
    if (announcement.code !== undefined && this.#entries.has(codeKey(announcement.code))) {
      throw new GatewayError("ANNOUNCEMENT_CODE_TAKEN");
    }
    const expiresUs = clock.nowUs() + ttlSeconds * 1_000_000;
    const keys = [
      ...(code === undefined ? [] : [codeKey(code)]),
      ...(number === undefined ? [] : [numberKey(number)]),
    ];
    const entry = { contact: { identity, attributes }, expiresUs };
    for (const key of keys) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    const [oldest] = this.#entries.keys();
    const isTooMany = this.#entries.size > maxContacts && oldest !== undefined;
    if (isTooMany) {
      this.#entries.delete(oldest);
    }
    const outcome = isTooMany ? "evicted" : "taken";
    metrics.increment("trunkline_contact_announcements_total", { outcome });
    return { code, expiresAtMs: clock.wallMs() + ttlSeconds * 1000 };
  }

  /** A code is forgotten when it is found; a number stays until its time is over. */
  find(clue: Exclude<ContactClue, { by: "headers" }>): FoundContact | undefined {
    const key = clue.by === "code" ? codeKey(clue.code) : numberKey(clue.number);
    const entry = this.#entries.get(key);
    if (clue.by === "code") {
      this.#entries.delete(key);
    }
    return entry !== undefined && entry.expiresUs > this.#options.clock.nowUs()
      ? entry.contact
      : undefined;
  }

  #draw(): string {
    const { random, codeDigits, metrics } = this.#options;
    for (let draw = 0; draw < MAX_DRAWS; draw += 1) {
      let code = "";
      while (code.length < codeDigits) {
        code += String(random.uint32() % 10);
      }
      if (!this.#entries.has(codeKey(code))) {
        return code;
      }
    }
    metrics.increment("trunkline_contact_announcements_total", { outcome: "full" });
    throw new GatewayError("ANNOUNCEMENTS_FULL");
  }

  #forgetExpired(): void {
    const nowUs = this.#options.clock.nowUs();
    for (const [key, { expiresUs }] of this.#entries) {
      if (expiresUs <= nowUs) {
        this.#entries.delete(key);
      }
    }
  }
}

function codeKey(code: string): string {
  return `code ${code}`;
}

/** Numbers are compared by their digits: one network writes +1, another 1 or 001. */
function numberKey(number: string): string {
  return `number ${number.replaceAll(/\D/g, "").replace(/^0+/, "")}`;
}

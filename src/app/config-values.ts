/** Building blocks of the configuration's schema. */
import { z } from "zod";
import { isIpAddress } from "../core/ip-address.ts";

/** Refuses, in one plain sentence, what is documented but not built. */
export function notAvailable(
  isUsed: (value: unknown) => boolean,
  what: string,
): (value: unknown, context: z.RefinementCtx) => void {
  return (value, context) => {
    if (isUsed(value)) {
      context.addIssue({ code: "custom", message: notAvailableText(what) });
    }
  };
}

/** `what is not available in this version`. */
export function notAvailableText(what: string): string {
  return `${what} is not available in this version`;
}

/** A numeric address of either family. */
export function ipAddress(): z.ZodString {
  return z
    .string()
    .refine(isIpAddress, { message: "expected an IPv4 or IPv6 address", abort: true });
}

/** A port that can be bound; 0 lets the system choose. */
export function bindPort(): z.ZodNumber {
  return z.number().int().min(0).max(65_535);
}

/** A port that can be reached. */
export function remotePort(): z.ZodNumber {
  return z.number().int().min(1).max(65_535);
}

/** A name or address of another machine. */
export function hostName(): z.ZodString {
  return z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, "a host name or an address");
}

/** Text that is never shown; `writeOnly` says so in the JSON Schema. */
export function secret(expected = "text"): z.ZodString {
  return z.string(expected).min(1, expected).meta({ writeOnly: true });
}

/** A path in the file system. */
export function filePath(): z.ZodString {
  return z.string().min(1);
}

/** A whole number of a unit. */
export function count(minimum: number, maximum: number): z.ZodNumber {
  return z.number().int().min(minimum).max(maximum);
}

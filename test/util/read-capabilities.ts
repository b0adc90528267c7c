import { CAPABILITIES, capabilityAttribute, type Capability } from "../../src/util/capabilities.ts";

/**
 * Reads the value of a `security.capability` attribute, given as Latin-1. Undefined for values that
 * `capabilityAttribute` never makes.
 */
export function readCapabilityAttribute(value: string): Capability[] | undefined {
  const bytes = Buffer.from(value, "latin1");
  if (bytes.length !== 20) return undefined;
  const names = CAPABILITIES.filter((_, i) => {
    const word = bytes.readUInt32LE(i < 32 ? 4 : 12);
    return ((word >>> (i % 32)) & 1) === 1;
  });
  return capabilityAttribute(names).equals(bytes) ? names : undefined;
}

/** Store paths that bytes name, found as Nix finds them: by the hash in front of each name. */
const RUN = /(?=([0-9a-df-np-sv-z]{32}))/g;

/** The part of a store path by which it is found, of the name in the store's folder. */
export function hashPart(name: string): string {
  return name.slice(0, 32);
}

/** The paths of `known` (by hash part) that occur in a text of bytes. */
export function referencesIn(bytes: Buffer, known: Map<string, string>): string[] {
  const found = [...bytes.toString("latin1").matchAll(RUN)].flatMap((match) => known.get(match[1] as string) ?? []);
  return [...new Set(found)];
}

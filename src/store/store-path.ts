/** Store paths: their names, and what a derivation's file says of its outputs. */
import { readFileSync } from "node:fs";

/** `hello-2.10` of `/nix/store/<hash>-hello-2.10.drv`. */
export function nameOf(path: string): string {
  return path
    .slice(path.lastIndexOf("/") + 1)
    .replace(/^[0-9a-z]{32}-/, "")
    .replace(/\.drv$/, "");
}

/**
 * The output paths of a derivation, from its file (`Derive([("out","/nix/store/…","",""),…],…`). None where the file is
 * not on this machine, or its outputs are not known before they are built.
 */
export function outputsOf(derivation: string): string[] {
  let text: string;
  try {
    text = readFileSync(derivation, "utf8");
  } catch {
    return [];
  }
  const [, outputs = ""] = /^Derive\(\[(.*?)\],/s.exec(text) ?? [];
  return [...outputs.matchAll(/\("[^"]*","([^"]+)"/g)].map((match) => match[1] as string);
}

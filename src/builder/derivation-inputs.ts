/** Finds the references of .drv files. */
import { BuildError } from "./build-error.ts";

/** `Derive([outputs],[("/nix/store/….drv",["out"]),…],["/nix/store/…",…],"system",…`. Captures the second and third list. */
const DERIVATION = /^Derive\(\[[^[\]]*\],\[((?:\("[^"]*",\[[^\]]*\]\),?)*)\],\[([^\]]*)\],/;

/** The references of a .drv file: its input derivations and sources. */
export function inputsOf(path: string, text: string): string[] {
  const [, built, sources] = DERIVATION.exec(text) ?? [];
  if (built === undefined || sources === undefined) throw new BuildError(`${path} is not in the form of a derivation`);
  return [
    ...[...built.matchAll(/\("([^"]*)"/g)].map((match) => match[1] as string),
    ...[...sources.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string),
  ].toSorted();
}

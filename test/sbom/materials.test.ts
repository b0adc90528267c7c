import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { fromPath, hexadecimal } from "../../src/sbom/materials.ts";

test("a store path's name gives name and version as Nix's own parser does", () => {
  for (const name of ["hello-2.10", "python3-3.11.2-env", "source", "nginx", "a-b-c", "lib-1x-2", "x-1-y-2"]) {
    const { version, name: stem } = fromPath(`/nix/store/${"0".repeat(32)}-${name}`);
    const expression = `builtins.toJSON (builtins.parseDrvName "${name}")`;
    const nix = execFileSync("nix-instantiate", ["--eval", "--json", "-E", expression]).toString();
    expect({ name: stem, version }).toEqual(JSON.parse(JSON.parse(nix) as string));
  }
});

test("hashes are turned into hexadecimal from each of Nix's forms, as Nix does it", () => {
  for (const text of ["", "a", "hello world"]) {
    const of = (form: string) =>
      execFileSync("nix", ["hash", `to-${form}`, "--type", "sha256", plain(text)])
        .toString()
        .trim();
    expect(hexadecimal(`sha256:${of("base32")}`)).toBe(plain(text));
    expect(hexadecimal(of("sri"))).toBe(plain(text));
    expect(hexadecimal(`sha256:${plain(text)}`)).toBe(plain(text));
  }
  function plain(text: string): string {
    return execFileSync("sha256sum", { input: text }).toString().slice(0, 64);
  }
});

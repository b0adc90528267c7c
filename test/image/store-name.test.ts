import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { parseStoreName } from "../../src/image/store-name.ts";

test("a store path's name gives name and version as Nix's own parser does", () => {
  for (const name of ["hello-2.10", "python3-3.11.2-env", "source", "nginx", "a-b-c", "lib-1x-2", "x-1-y-2"]) {
    const read = parseStoreName(`/nix/store/${"0".repeat(32)}-${name}`);
    const expression = `builtins.toJSON (builtins.parseDrvName "${name}")`;
    const nix = execFileSync("nix-instantiate", ["--eval", "--json", "-E", expression]).toString();
    expect(read).toEqual(JSON.parse(JSON.parse(nix) as string));
  }
});

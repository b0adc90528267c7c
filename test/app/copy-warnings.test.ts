import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { countCopy } from "../../src/app/copies.ts";
import { checkOnDisk } from "../../src/app/read-spec.ts";
import { files } from "../e2e/tools.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "imgc-copy-warnings-")));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function warnings(copy: string): string[] {
  const text = `image "a" {\n  files {\n    "/app" ${copy}\n  }\n}\n`;
  const { diagnostics } = checkOnDisk({ path: join(root, "a.imgspec"), text });
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
}

test("copied secrets and links into the Nix store are warnings, with their names", () => {
  const store = "/nix/store/00000000000000000000000000000000-x";
  mkdirSync(join(root, "src/deep"), { recursive: true });
  writeFileSync(join(root, "src/.env"), "");
  writeFileSync(join(root, "src/deep/ca.pem"), "-----BEGIN CERTIFICATE-----\n");
  symlinkSync(store, join(root, "src/result"));
  symlinkSync("/usr/share/nix/storeroom", join(root, "src/other"));
  symlinkSync("loop", join(root, "src/loop"));
  expect(warnings("copy ./src")).toEqual([expect.stringMatching(/^copied-secret: .*`\.env`, which looks like/)]);
  symlinkSync(store, join(root, "src/deep/image"));
  symlinkSync(`/home/ann/cache${store}/bin`, join(root, "src/chroot"));
  const links = /^copied-store-link: `chroot`, `deep\/image` are links into the Nix store/;
  expect(warnings("copy ./src")).toEqual([
    expect.stringMatching(/^copied-secret/) as string,
    expect.stringMatching(links) as string,
  ]);
  expect(warnings('copy ./src { exclude [ ".env" "image" "chroot" ] }')).toEqual([]);
  expect(warnings("copy ./src { all }")).toContainEqual(expect.stringMatching(/`chroot`, `deep\/image`, `result` are/));
});

test("copies are counted in the same walk", () => {
  const at = files({ "src/a": "", "src/sub/b": "", "src/left/c": "", "src/left/d": "" });
  const text = 'image "a" { files { "/app" copy ./src { exclude [ "left" ] } } }\n';
  const { copies } = checkOnDisk({ path: join(at, "../../a.imgspec"), text });
  expect(copies.map(({ path, taken }) => [path, taken])).toEqual([["/app", 2]]);
  expect(copies.map(countCopy)).toMatchObject([{ path: "/app", taken: 2, leftOut: 2, names: ["left"] }]);
});

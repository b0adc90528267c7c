import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { userEntries } from "../../../src/builder/content/users.ts";
import type { RootEntry } from "../../../src/layer/recipe.ts";

const folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
afterAll(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "etc"));
writeFileSync(join(folder, "etc/group"), "root:x:0:\ngrp:x:77:\n");

const copy = (path: string, source: string): RootEntry => ({ kind: "copy", path, source, mode: null, uid: 0, gid: 0 });

test.each<[string, RootEntry]>([
  ["the copied file", copy("/etc/group", join(folder, "etc/group"))],
  ["a copied folder", copy("/etc", join(folder, "etc"))],
])("the groups of the base in %s are kept", (_, entry) => {
  const own = { name: "api", uid: 1000, gid: 1000, home: "/var/empty", shell: "/bin/sh", groups: [] };
  const entries = userEntries({ users: [own], groups: {}, own: [own], ownGroups: [], below: [entry] });
  const group = entries.find(({ path }) => path === "/etc/group");
  expect(group).toMatchObject({ kind: "text", text: expect.stringContaining("grp:x:77:\n") });
  expect(group).toMatchObject({ text: expect.stringContaining("api:x:1000:\n") });
});

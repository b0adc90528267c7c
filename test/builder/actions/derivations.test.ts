import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { derivations } from "../../../src/builder/actions/derivations.ts";
import { TestStore } from "./test-store.ts";

test("the closure of a derivation has its input derivations, their sources, and the store paths that a source file names", async () => {
  const store = new TestStore();
  const write = (name: string, text: string): string => {
    const path = store.place(name);
    writeFileSync(path, text);
    return path;
  };
  const named = write("named.sh", "echo hi\n");
  const source = write("source.sh", `exec ${named}\n`);
  const folder = store.add("folder", { file: named });
  const derivation = (built: string[], sources: string[]) =>
    `Derive([("out","/out","","")],[${built.map((path) => `("${path}",["out"])`).join(",")}],${JSON.stringify(sources)},"x86_64-linux","/bin/sh",[],[])`;
  const input = write("input.drv", derivation([], [folder, source].toSorted()));
  const root = write("root.drv", derivation([input], []));
  store.add("unused", { file: "" });

  const attributes = { roots: [root], attributes: [`{"dep":"${input}"}`] };
  const { out, inputs } = await store.build("list.json", derivations, attributes, ["inputs"]);
  const entries = JSON.parse(readFileSync(out, "utf8")) as { path: string; references: string[]; narHash: string }[];
  expect(new Map(entries.map(({ path, references }) => [path, references]))).toEqual(
    new Map([
      [root, [input]],
      [input, [folder, source].toSorted()],
      [source, [named]],
      [named, []],
      [folder, []],
    ]),
  );
  expect(entries.map(({ path }) => path)).toEqual(entries.map(({ path }) => path).toSorted());
  expect(readFileSync(inputs, "utf8")).toContain(input);
});

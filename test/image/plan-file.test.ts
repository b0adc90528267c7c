import { expect, test } from "vitest";
import * as z from "zod/mini";
import { Closure, type ClosureEntry } from "../../src/image/plan-file.ts";

const entry = (path: string, ...references: string[]): ClosureEntry => ({
  path,
  narHash: "",
  narSize: 1,
  references,
});

test("references inside a closure are indexes in the file", () => {
  const closure = [entry("/a", "/a", "/b"), entry("/b", "/c")];
  const written = z.encode(Closure, closure);
  expect(written.map(({ references }) => references)).toEqual([[0, 1], ["/c"]]);
  expect(Closure.parse(written)).toEqual(closure);
});

test("an index without a path is refused", () => {
  const { error } = Closure.safeParse([{ ...entry("/a"), references: [1] }]);
  expect(error?.issues[0]?.message).toBe("no path of the closure has the index 1");
});

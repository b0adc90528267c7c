import { posix } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { folderOf, relativeTo, resolveIn } from "../../src/util/absolute-path.ts";

const part = fc.constantFrom("a", "bc", "..", ".", "", "...", "é x");
const relative = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
const absolute = relative.map((path) => `/${path}`);

test("paths are computed as by Node.js", () => {
  fc.assert(
    fc.property(absolute, fc.oneof(relative, absolute), (folder, path) => {
      expect(resolveIn(folder, path)).toBe(posix.resolve(folder, path));
    }),
  );
  fc.assert(
    fc.property(absolute, absolute, (some, other) => {
      const [folder, path] = [posix.resolve(some), posix.resolve(other)];
      expect(folderOf(path)).toBe(posix.dirname(path));
      expect(relativeTo(folder, path)).toBe(posix.relative(folder, path));
    }),
  );
});

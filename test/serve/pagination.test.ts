import fc from "fast-check";
import { expect, test } from "vitest";
import { inOrder, page, PageError } from "../../src/serve/pagination.ts";
import { parseRanges } from "../../src/serve/range.ts";
import { parseRoute } from "../../src/serve/route.ts";

test("following the pages yields the list in order", () => {
  const name = fc.stringMatching(/^[A-Za-z0-9._-]{1,8}$/);
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.integer({ min: 1, max: 9 }), (names, n) => {
      const sorted = inOrder(names);
      const walked: string[] = [];
      for (let query: string | undefined = `n=${n}`; query !== undefined;) {
        const { names: shown, next } = page(sorted, query);
        expect(shown.length).toBeLessThanOrEqual(n);
        walked.push(...shown);
        query = next;
      }
      expect(walked).toEqual(sorted);
      expect(sorted.toSorted()).toEqual(names.toSorted());
    }),
  );
});

test("any query is answered or refused, any range lies in the blob, any URL has a route", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(n|last)=[^&]{0,5}&n=.{0,4}$/)), (query) => {
      try {
        page(["a", "b"], query);
      } catch (error) {
        expect(error).toBeInstanceOf(PageError);
      }
      parseRoute(query);
      parseRoute(`/v2/${query}`);
    }),
  );
  const header = fc.oneof(fc.string(), fc.stringMatching(/^bytes=\d{0,4}-\d{0,4}(,\d{0,4}-\d{0,4}){0,3}$/));
  fc.assert(
    fc.property(header, fc.nat(2000), (text, size) => {
      const ranges = parseRanges(text, size);
      if (typeof ranges === "string") return;
      for (const [i, range] of ranges.entries()) {
        expect(range.start).toBeLessThan(range.end);
        expect(range.start).toBeGreaterThanOrEqual(ranges[i - 1]?.end ?? 0);
        expect(range.end).toBeLessThanOrEqual(size);
      }
    }),
    { examples: [["bytes=-6", 0]] },
  );
});

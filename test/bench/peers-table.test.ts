/** The table of peers: medians, ratios, and the order of measurements. */
import { expect, test } from "vitest";
import { interleaved, median, tableOf } from "../../bench/peers/table.ts";
import { residentMemory } from "../../bench/peers/run.ts";

test("the median is the middle value, or the mean of the two middle values", () => {
  expect(median([3, 1, 100])).toBe(3);
  expect(median([4, 1, 100, 2])).toBe(3);
  expect(() => median([])).toThrow("no values");
});

test("programs take turns, and may have different rows", async () => {
  const order: string[] = [];
  const program = (name: string, row: string) => async (run: number) => {
    order.push(`${name}${run}`);
    return { [row]: run, both: run * 10 };
  };
  const measured = await interleaved(
    2,
    new Map([
      ["a", program("a", "own")],
      ["b", program("b", "other")],
    ]),
  );
  expect(order).toEqual(["a0", "b0", "a1", "b1"]);
  expect(measured.get("both")?.get("b")).toEqual([0, 10]);
  expect([...(measured.get("own")?.keys() ?? [])]).toEqual(["a"]);
});

test("a cell has the median, followed by the ratio; a program without the row has empty cells", () => {
  const rows = tableOf(
    [
      {
        what: "build",
        unit: "time",
        values: new Map([
          ["imgc", [900, 1000, 5000]],
          ["peer", [2000]],
        ]),
      },
      { what: "added", unit: "size", values: new Map([["imgc", [543_000]]]) },
      {
        what: "memory",
        unit: "memory",
        values: new Map([
          ["imgc", [81e6]],
          ["peer", [54e6]],
        ]),
      },
    ],
    "imgc",
    ["peer"],
  );
  expect(rows).toEqual([
    { what: "build", imgc: "1.00 s", peer: "2.00 s", "imgc ÷ peer": "0.50" },
    { what: "added", imgc: "543 kB", peer: "", "imgc ÷ peer": "" },
    { what: "memory", imgc: "81 MB", peer: "54 MB", "imgc ÷ peer": "1.50" },
  ]);
});

test("the memory of a process is more than nothing, and that of no process is nothing", () => {
  expect(residentMemory(process.pid)).toBeGreaterThan(1e6);
  expect(residentMemory(2 ** 30)).toBe(0);
});

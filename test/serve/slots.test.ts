import fc from "fast-check";
import { expect, test } from "vitest";
import { Slots } from "../../src/serve/slots.ts";

const SIZE = 5;
const HALF = 3;

test("no client has more than its share, and every client gets a turn", async () => {
  const step = fc.record({ client: fc.constantFrom("a", "b", undefined), ends: fc.nat() });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const slots = new Slots(SIZE);
      const working: { client: string | undefined; free: () => void }[] = [];
      const waiting = new Map<string | undefined, number>();
      const settle = () => new Promise((resolve) => setImmediate(resolve));
      for (const { client, ends } of steps) {
        waiting.set(client, (waiting.get(client) ?? 0) + 1);
        void slots.take(client).then((free) => {
          waiting.set(client, (waiting.get(client) ?? 0) - 1);
          working.push({ client, free });
        });
        await settle();
        if (ends % 3 === 0) working.splice(ends % Math.max(1, working.length), 1)[0]?.free();
        await settle();
        const own = (name: string) => working.filter((each) => each.client === name).length;
        expect(working.length).toBeLessThanOrEqual(SIZE);
        for (const name of ["a", "b"]) {
          expect(own(name)).toBeLessThanOrEqual(HALF);
          // No client waits for a slot that it could have.
          if (working.length < SIZE && own(name) < HALF) expect(waiting.get(name) ?? 0).toBe(0);
        }
        if (working.length < SIZE) expect(waiting.get(undefined) ?? 0).toBe(0);
      }
      while (working.length > 0) {
        working.shift()?.free();
        await settle();
      }
      expect([...waiting.values()].filter((count) => count !== 0)).toEqual([]);
    }),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { Budget, clientOf } from "../../src/serve/budget.ts";

const MINUTE = 60_000;

test("the bytes made for a client in ten minutes are bounded", () => {
  const asks = fc.array(fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat(MINUTE)), { maxLength: 300 });
  fc.assert(
    fc.property(asks, (list) => {
      let now = 0;
      const budget = new Budget(100, () => now);
      let made = 0;
      for (const [size, pause] of list) {
        now += pause;
        if (budget.take("192.0.2.1", size) === undefined) made += size;
        expect(made).toBeLessThanOrEqual(1600 * (1 + now / (10 * MINUTE)) + 1e-6);
      }
    }),
  );
});

test("a client is served after the announced wait; others do not wait; an IPv6 network is one client", () => {
  let now = 0;
  const budget = new Budget(100, () => now);
  const ask = (address: string) => budget.take(clientOf(address), 100);
  for (const address of ["192.0.2.1", "2001:db8::1"]) {
    for (let i = 0; i < 16; i++) expect(ask(address)).toBeUndefined();
  }
  const seconds = ask("192.0.2.1") ?? 0;
  expect(seconds).toBeGreaterThan(0);
  expect(ask("192.0.2.2")).toBeUndefined();
  expect(ask("2001:db8:0:0:ffff::7")).toBe(seconds);
  expect(ask("2001:db8:0:1::7")).toBeUndefined();
  now = seconds * 1000;
  expect(ask("192.0.2.1")).toBeUndefined();
});

test("too many clients at once wait until accounts of others are restored", () => {
  let now = 0;
  const budget = new Budget(100, () => now);
  const ask = (i: number) => budget.take(`10.0.${i >> 8}.${i & 255}`, 100);
  for (let i = 0; i < 4096; i++) expect(ask(i)).toBeUndefined();
  expect(ask(4096)).toBeGreaterThan(0);
  expect(ask(0)).toBeUndefined();
  now = 10 * MINUTE;
  expect(ask(4096)).toBeUndefined();
});

test("received bytes count one sixteenth of bytes that were not received", () => {
  const budget = new Budget(100, () => 0);
  for (let i = 0; i < 15 * 16; i++) {
    expect(budget.take("192.0.2.1", 100)).toBeUndefined();
    budget.refund("192.0.2.1", 100);
  }
  for (let i = 0; i < 1; i++) expect(budget.take("192.0.2.1", 100)).toBeUndefined();
  expect(budget.take("192.0.2.1", 100)).toBeGreaterThan(0);
});

/** The waits in skopeo's debug log. */
import { expect, test } from "vitest";
import { LimitedError, Waits } from "../../src/registry/waits.ts";

const sleeping = (seconds: number) =>
  `time="now" level=debug msg="Too many requests to https://r.example/v2/: sleeping for ${seconds}.000000 seconds before next attempt"`;
const asked = (value: string) => String.raw`time="now" level=debug msg="Detected 'Retry-After' header \"${value}\""`;

function waits(): { waits: Waits; messages: string[] } {
  const messages: string[] = [];
  return { waits: new Waits("r.example/a:1", (message) => messages.push(message)), messages };
}

test("waits at the same time count once, and their sum is limited", () => {
  const { waits: all, messages } = waits();
  expect(all.read(sleeping(20), 0, 1000)).toBeUndefined();
  expect(all.read(sleeping(20), 0, 1001)).toBeUndefined();
  expect(all.read("another line", 0, 1002)).toBeUndefined();
  expect(all.read(sleeping(39), 0, 22_000)).toBeUndefined();
  expect(messages).toEqual([
    "r.example/a:1: r.example has reached its limit of requests; waiting 20 s",
    "r.example/a:1: r.example has reached its limit of requests; waiting 39 s",
  ]);
  expect(all.read(sleeping(2), 0, 62_000)).toBeInstanceOf(LimitedError);
});

test("progress starts a new sum", () => {
  const { waits: all } = waits();
  for (let i = 0; i < 5; i++) expect(all.read(sleeping(30), i * 40_000 - 1, i * 40_000)).toBeUndefined();
});

test.each(["7200", new Date(Date.now() + 7200_500).toUTCString()])("the error names the wait of %s", (value) => {
  const { waits: all } = waits();
  expect(all.read(asked(value), 0, 0)).toBeUndefined();
  expect(all.read(sleeping(60), 0, 0)?.message).toMatch(/ and asks to wait 7[12]\d\d s; /);
});

import { expect, test } from "vitest";
import { Crc64 } from "../../../src/layer/chunked/crc64.ts";

function crc(...pieces: string[]): string {
  const sum = new Crc64();
  for (const piece of pieces) sum.update(Buffer.from(piece));
  return sum.digest().toString("hex");
}

test("has the check value of CRC-64/ISO, whatever the pieces", () => {
  expect(crc("123456789")).toBe("b90956c775a41001");
  expect(crc("1", "2345", "67", "89")).toBe("b90956c775a41001");
  expect(crc()).toBe("0000000000000000");
});

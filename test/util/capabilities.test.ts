import { expect, test } from "vitest";
import { capabilityAttribute } from "../../src/util/capabilities.ts";
import { readCapabilityAttribute } from "./read-capabilities.ts";

test("the attribute equals that of `setcap`", () => {
  // `setcap cap_net_raw+ep`, and `setcap cap_chown,cap_setfcap,cap_checkpoint_restore+ep`, as `getfattr -e hex` shows them.
  expect(capabilityAttribute(["net-raw"]).toString("hex")).toBe("0100000200200000000000000000000000000000");
  expect(capabilityAttribute(["checkpoint-restore", "setfcap", "chown"]).toString("hex")).toBe(
    "0100000201000080000000000001000000000000",
  );
});

test("names are read from an attribute, but not from one that names cannot express", () => {
  const value = capabilityAttribute(["chown", "checkpoint-restore"]);
  expect(readCapabilityAttribute(value.toString("latin1"))).toEqual(["chown", "checkpoint-restore"]);
  // Inheritable only, and permitted but not effective.
  const inheritable = Buffer.from(value).fill(1, 8, 9);
  const ineffective = Buffer.from(value).fill(0, 0, 1);
  for (const other of [inheritable, ineffective, value.subarray(0, 12)]) {
    expect(readCapabilityAttribute(other.toString("latin1"))).toBeUndefined();
  }
});

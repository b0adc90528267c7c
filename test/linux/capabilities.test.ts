import { expect, test } from "vitest";
import { capabilityAttribute } from "../../src/linux/capabilities.ts";

test("the attribute is what `setcap` writes", () => {
  // `setcap cap_net_raw+ep`, and `setcap cap_chown,cap_setfcap,cap_checkpoint_restore+ep`, as `getfattr -e hex` shows them.
  expect(capabilityAttribute(["net-raw"]).toString("hex")).toBe("0100000200200000000000000000000000000000");
  expect(capabilityAttribute(["checkpoint-restore", "setfcap", "chown"]).toString("hex")).toBe(
    "0100000201000080000000000001000000000000",
  );
});

import { expect, onTestFinished, test, vi } from "vitest";
import { BuildError, locatedAt } from "../../src/builder/build-error.ts";
import { runAction } from "../../src/builder/run-action.ts";
import { files } from "../e2e/tools.ts";

/** The text that a failing action prints for an image of this name. */
async function printed(imageName: string | undefined, action: () => Promise<void> | void): Promise<string> {
  const top = files({ ".attrs.json": JSON.stringify({ imageName }) }).replace(/\/[^/]*$/, "");
  const { argv, exitCode } = process;
  let text = "";
  const write = vi.spyOn(process.stderr, "write").mockImplementation((line) => {
    text += String(line);
    return true;
  });
  vi.stubEnv("NIX_BUILD_TOP", top);
  process.argv = ["node", "act.cjs", "act"];
  onTestFinished(() => void vi.unstubAllEnvs());
  try {
    await runAction({ act: action });
    expect(process.exitCode).toBe(1);
    return text;
  } finally {
    write.mockRestore();
    [process.argv, process.exitCode] = [argv, exitCode];
  }
}

test("findings are printed as lines with the image and the place", async () => {
  const findings = [
    { at: ["packages", 2], message: "a\n  b" },
    { at: [], message: "c" },
  ];
  const fails = () => {
    throw new BuildError(findings);
  };
  expect(await printed("shop/api", fails)).toBe("imgc[shop/api packages 2]: a\n  b\nimgc: c\n");
  const base = () => locatedAt(["base", "host/x:1"], async () => fails());
  expect(await printed(undefined, base)).toBe('imgc[* packages 2]: a\n  b\nimgc[* base "host/x:1"]: c\n');
});

test("other errors are printed with their stack, not as findings", async () => {
  const text = await printed("shop/api", () => {
    throw new TypeError("x is not a function");
  });
  expect(text).toMatch(/^internal error of imgc, please report it: TypeError: x is not a function\n {4}at /);
});

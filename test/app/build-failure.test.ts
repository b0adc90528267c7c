/** Failed builds whose findings need no further evaluation. */
import { expect, test } from "vitest";
import { explainBuild } from "../../src/app/build-failure.ts";
import { compileFile } from "../../src/app/compile.ts";
import type { Reporter } from "../../src/app/reporter.ts";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import type { Finding } from "../../src/diagnostics/finding.ts";
import { BuildFailure } from "../../src/nix/build-log.ts";
import { EXIT, Reported } from "../../src/util/errors.ts";
import { files, folder } from "../e2e/tools.ts";
import { collector } from "./collector.ts";

const SPEC = `image "shop/api" {
  base archive ./base.tar
  packages [ hello jq ]
  config { user "app" }
}
image "shop/web" {
  base nix ''pkgs.base''
}
`;

/** The diagnostics for these findings, as the text at each place and the message, and the error that ends the command. */
async function explained(findings: Finding[], signal = new AbortController().signal) {
  const at = folder();
  files({ "base.tar": "" }, at);
  const spec = files({ "a.imgspec": SPEC }, at);
  const found: string[] = [];
  const reporter: Reporter = {
    ...collector().reporter,
    diagnostics: ({ diagnostics }) => {
      found.push(...diagnostics.map(({ span, message }: Diagnostic) => `${text(span)}: ${message}`));
    },
  };
  const text = ({ start, end }: { start: number; end: number }) => SPEC.slice(start, end).replace(/\s+/g, " ");
  const compiled = compileFile(spec, {}, collector().reporter);
  const failure = new BuildFailure({ findings, builds: [], error: undefined });
  const error = await explainBuild(failure, { compiled, options: [], signal, reporter });
  return { found, error, failure };
}

test("findings are diagnostics at their places, in the order of the file, each once", async () => {
  const { found, error } = await explained([
    { image: "shop/api", at: ["config", "user"], message: "no such user" },
    { image: "shop/api", at: ["packages", 1], message: "jq is broken" },
    { image: "shop/api", at: ["packages", 1], message: "jq is broken" },
  ]);
  expect(found).toEqual(["jq: jq is broken", expect.stringMatching(/app.*: no such user$/)]);
  expect(error).toBeInstanceOf(Reported);
  expect(error).toMatchObject({ exitCode: EXIT.findings });
});

test("a finding about a base without an image is shown at each image with this base", async () => {
  const base = (name: string): Finding => ({ image: null, at: ["base", name], message: "is damaged" });
  expect((await explained([base("base.tar")])).found).toEqual([expect.stringMatching(/base\.tar: is damaged$/)]);
  // The name of a base that is Nix code is unknown.
  expect((await explained([base("base-1.0")])).found).toEqual([expect.stringMatching(/pkgs\.base.*: is damaged$/)]);
});

test("a finding without a place in this file is text", async () => {
  const { found, error } = await explained([
    { image: "other/image", at: ["packages", 0], message: "is broken" },
    { image: null, at: [], message: "no place" },
  ]);
  expect(found).toEqual([]);
  expect(error).toMatchObject({
    exitCode: EXIT.findings,
    message: "imgc[other/image packages 0]: is broken\nno place",
  });
});

test("after an interruption, and for other errors, the error itself ends the command", async () => {
  const { found, error, failure } = await explained(
    [{ image: "shop/api", at: ["packages", 1], message: "jq is broken" }],
    AbortSignal.abort(),
  );
  expect(found).toEqual([]);
  expect(error).toBe(failure);
});

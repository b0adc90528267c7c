/** Sets up an editor in a home folder as docs/editors.md says. */
import { chmodSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { files, folder, folderOfImgc, tool } from "../e2e/tools.ts";

const REPOSITORY = join(import.meta.dirname, "../..");
export const GRAMMAR = join(REPOSITORY, "grammar");

/** The blocks of code in a section of docs/editors.md, by language; the first block of each. */
function blocksOf(section: string): Map<string, string> {
  const page = readFileSync(join(REPOSITORY, "docs/editors.md"), "utf8");
  const text = page.split(/^## /m).find((each) => each.startsWith(section)) ?? "";
  const blocks = [...text.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
    ([, language = "", code = ""]) => [language, code] as [string, string],
  );
  return new Map(blocks.toReversed());
}

/** The environment of an editor that is set up. `config`: the file for the block that is not shell code. */
export async function setUp(section: string, language: string, config: string): Promise<Record<string, string>> {
  const home = folder();
  const blocks = blocksOf(section);
  const modules = folder();
  symlinkSync(REPOSITORY, join(modules, "imgc"));
  const npm = files({ npm: `#!/bin/sh\necho ${modules}\n` });
  chmodSync(npm, 0o755);
  const PATH = [dirname(npm), folderOfImgc(), process.env["PATH"]].join(":");
  const env = { HOME: home, PATH, TERM: "xterm-256color", LC_ALL: "C.UTF-8" };
  await tool("bash", ["-euc", blocks.get("sh") ?? ""], env);
  files({ [config]: blocks.get(language) ?? "" }, home);
  return env;
}

/** A description that has every kind of word. `pakages` is a mistake. */
export const SAMPLE = `# A comment
let runtime = [ openssl nix ]
image "shop" {
  packages [ $runtime nix ''hello.overrideAttrs (old: { })'' ]
  files { "/a" copy ./a { mode 0644 } }
  config {
    env { PATH "/bin" }
    user "a\${hello}"
  }
  pakages [ hello ]
}
`;

/** The builder of `python3.withPackages`: a Python that finds the modules, as `python -m venv` makes one. */
import * as fs from "node:fs";
import { join } from "node:path";

const attributes = JSON.parse(fs.readFileSync(join(process.env["NIX_BUILD_TOP"] ?? ".", ".attrs.json"), "utf8")) as {
  outputs: { out: string };
  python: string;
  modules: string[];
  scripts: string[];
};
const { python } = attributes;
const out = attributes.outputs.out;
const sites = join(out, "lib/python3.11/site-packages");

fs.mkdirSync(join(out, "bin"), { recursive: true });
fs.mkdirSync(sites, { recursive: true });
fs.writeFileSync(join(out, "pyvenv.cfg"), `home = ${python}/bin\ninclude-system-site-packages = false\n`);
for (const name of ["python", "python3", "python3.11"])
  fs.symlinkSync(`${python}/bin/python3.11`, join(out, "bin", name));
for (const path of attributes.modules) {
  const from = join(path, "lib/python3.11/site-packages");
  for (const name of fs.readdirSync(from)) {
    if (!fs.existsSync(join(sites, name))) fs.symlinkSync(join(from, name), join(sites, name));
  }
}
for (const path of attributes.scripts.filter((script) => fs.existsSync(join(script, "bin")))) {
  for (const name of fs.readdirSync(join(path, "bin"))) {
    const text = fs.readFileSync(join(path, "bin", name), "utf8");
    const target = join(out, "bin", name);
    if (/^#!.*python/.test(text))
      fs.writeFileSync(target, text.replace(/^.*/, `#!${out}/bin/python3`), { mode: 0o755 });
    else fs.symlinkSync(join(path, "bin", name), target);
  }
}

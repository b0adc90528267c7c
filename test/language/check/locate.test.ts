import { expect, test } from "vitest";
import { check } from "../../../src/language/index.ts";
import { hostOf } from "../host.ts";

const COMMON = "let shared = [ jq nix ''curl'' ]\nlet greeting = \"${tool.x} hi\"\n";
const SPEC = `import ./common.imgspec
let tools = [ bash $shared ]
let shell = nushell
nixpkgs "github:a/b"
image "shop/api" {
  packages [ hello $tools openssl ]
  store $shared
  files {
    "/app/" copy ./src { mode 0644 }
    "/motd" text "\${cowsay} and \${lolcat.out}"
    "/tool" copy gnutar
  }
  permissions { "/etc/*" { mode 0600 } }
  users { api { uid 1 gid 1 } }
  config { cmd [ "x" "\${dash}/y" $greeting "\${$greeting} \${ksh}" "\${$shell}" ] env { A "\${zsh}" } }
  layers { layer "run time" [ glibc $tools ] { layer "in" [ gmp ] } weight { openssl +5 nix ''x'' -1 } auto }
  expect { size <= 5MiB size >= 1KiB absent [ gcc ] run [ "/a" ] run [ "/b" ] }
}
`;

const { locate, sources, spec } = check({ path: "/a.imgspec", text: SPEC }, hostOf({ "/common.imgspec": COMMON }));

/** The text at a path of the image. */
function at(...path: (string | number)[]): string {
  const { file, span } = locate(path, "shop/api");
  return `${file === "/a.imgspec" ? "" : `${file} `}${sources.get(file)?.text.slice(span.start, span.end)}`;
}

test("list items, also those of spliced lists", () => {
  expect(spec).toBeDefined();
  const [image] = spec?.images ?? [];
  expect(image?.packages).toHaveLength(5);
  expect(image?.packages.map((_, i) => at("packages", i))).toEqual([
    "hello",
    "bash",
    "/common.imgspec jq",
    "/common.imgspec nix ''curl''",
    "openssl",
  ]);
  expect(at("store", 0)).toBe("/common.imgspec jq");
  expect(at("layers", "layer", "run time", 1)).toBe("bash");
  expect(at("layers", "layer", "run time", "layer", "in", 0)).toBe("gmp");
  expect(at("expect", "absent", 0)).toBe("gcc");
});

test("entries by key, repeated settings by index", () => {
  expect(at("files", "/app", "mode")).toBe("mode 0644");
  expect(at("permissions", "/etc/*")).toBe('"/etc/*"');
  expect(at("users", "api", "gid")).toBe("gid 1");
  expect(at("layers", "weight", 1)).toBe("nix ''x'' -1");
  expect(at("expect", "size", 1)).toBe("size >= 1KiB");
  expect(at("expect", "run", 1)).toBe('run [ "/b" ]');
  expect(at("expect", "run", 1, 0)).toBe('"/b"');
});

test("packages in strings", () => {
  expect(at("files", "/motd", 1)).toBe("${lolcat.out}");
  expect(at("config", "cmd", 1, 0)).toBe("${dash}");
  expect(at("config", "cmd", 2, 0)).toBe("/common.imgspec ${tool.x}");
  // A string in a string, and a package bound by `let`.
  expect(at("config", "cmd", 3, 0)).toBe("/common.imgspec ${tool.x}");
  expect(at("config", "cmd", 3, 1)).toBe("${ksh}");
  expect(at("config", "cmd", 4, 0)).toBe("nushell");
  expect(at("config", "env", "A", 0)).toBe("${zsh}");
  expect(at("files", "/tool", 0)).toBe("gnutar");
});

test("for a missing part, the place of the nearest part around it", () => {
  expect(at("packages", 9)).toBe("packages [ hello $tools openssl ]");
  expect(at("config", "user")).toBe("config");
  expect(at("annotations", "x")).toBe('"shop/api"');
  expect(locate(["nixpkgs"]).span.start).toBe(SPEC.indexOf("nixpkgs"));
  expect(locate(["packages"], "other")).toEqual({ file: "/a.imgspec", span: { start: 0, end: 1 } });
});

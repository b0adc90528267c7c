import { expect, test } from "vitest";
import { applyEdits, applyFixes, fixesOf } from "../../src/fixes/index.ts";
import { check } from "../../src/language/index.ts";
import { hostOf } from "../language/host.ts";

const nothing = async (): Promise<[]> => [];
const path = "/a.imgspec";

// `check` has diagnostics before the fixes, and none after.
test.each([
  ['image "a" {\n  pakages [ hello ]\n}\n', 'image "a" {\n  packages [ hello ]\n}\n'],
  ['image "a" { manifest dokcer }', 'image "a" { manifest docker }'],
  ['let runtime = "v1"\nimage "a" { tag $rutime }', 'let runtime = "v1"\nimage "a" { tag $runtime }'],
  [
    'image "shop/base" { }\nimage "b" { base image "shop/bas" }',
    'image "shop/base" { }\nimage "b" { base image "shop/base" }',
  ],
  ['# why\nlet a = [\n  x\n]\nimage "a" { }\n', '# why\nimage "a" { }\n'],
  ['let a = 1 # why\nimage "a" { }\n', ' # why\nimage "a" { }\n'],
  ['image "a" {\n  tag "v1"\n  tag   "v1"\n}\n', 'image "a" {\n  tag "v1"\n}\n'],
  ['image "a" { tag "v1" tag "v1" author "b" }', 'image "a" { tag "v1" author "b" }'],
  ['image "a" { users { api { gid 5 } } }', 'image "a" { users { api { gid 5 uid 1000 } } }'],
  [
    'image "a" {\n  users {\n    api {\n      gid 5\n    }\n  }\n}',
    'image "a" {\n  users {\n    api {\n      gid 5\n      uid 1000\n    }\n  }\n}',
  ],
  ['image "a" { users { api { } } }', 'image "a" { users { api { uid 1000 gid 1000 } } }'],
  ...["755", "0o755", '"755"', '"0755"', "rwxr-xr-x"].map((mode) => [
    `image "a" { files { "/x" directory { mode ${mode} } } }`,
    'image "a" { files { "/x" directory { mode 0755 } } }',
  ]),
  [
    'image "a" { files { "/x" directory { mode rwsrwxrwt } } }',
    'image "a" { files { "/x" directory { mode 05777 } } }',
  ],
  ...["250mib", "250Mi", "250MIB", '"250 MiB"', "256000Kib"].map((size) => [
    `image "a" { expect { size <= ${size} } }`,
    `image "a" { expect { size <= ${size.startsWith("256") ? "256000KiB" : "250MiB"} } }`,
  ]),
  ...[
    ["30sec", "30s"],
    ['"30s"', "30s"],
    ['"30 Seconds"', "30s"],
    ["5MIN", "5m"],
    ["1m30s", "90s"],
    ["1500msec", "1500ms"],
    ["14days", "14d"],
  ].map(([bad, good]) => [
    `image "a" { manifest docker config { healthcheck { test [ "NONE" ] interval ${bad} } } }`,
    `image "a" { manifest docker config { healthcheck { test [ "NONE" ] interval ${good} } } }`,
  ]),
  ['image "a" = { tag "b" }', 'image "a" { tag "b" }'],
  ['image "a" { files { "/x" directory = { mode 0755 } } }', 'image "a" { files { "/x" directory { mode 0755 } } }'],
  ...['"b"', ':= "b"'].map((rest) => [`param r ${rest} image "a" { tag $r }`, 'param r = "b" image "a" { tag $r }']),
  ['let q [ hello ] image "a" { packages $q }', 'let q = [ hello ] image "a" { packages $q }'],
  ...['"src"', '"./src"'].map((source) => [
    `image "a" { files { "/x" copy ${source} } }`,
    'image "a" { files { "/x" copy ./src } }',
  ]),
  ...['"nginx.conf"', "nginx.conf"].map((source) => [
    `image "a" { files { "/x" copy ${source} } }`,
    'image "a" { files { "/x" copy ./nginx.conf } }',
  ]),
  ['image "a" { expect { size <= 0.5gb } }', 'image "a" { expect { size <= 500MB } }'],
  ['image "a" { expect { size <= 12b } }', 'image "a" { expect { size <= 12B } }'],
  ...[
    '"debian:12"',
    "debian:12",
    '"library/debian:12"',
    'image "debian:12"',
    'registry "debian:12"',
    "registry debian:12",
    'registry "docker.io/library/debian:12',
  ].map((base) => [
    `image "a" {\n  base ${base}\n}\n`,
    'image "a" {\n  base registry "docker.io/library/debian:12"\n}\n',
  ]),
  ['image "a" { from "shop/api:1" }', 'image "a" { base registry "docker.io/shop/api:1" }'],
  ['image "a" { base "ghcr.io/shop/api:1" }', 'image "a" { base registry "ghcr.io/shop/api:1" }'],
  ['image "a" { }\nimage "b" { base "a" }', 'image "a" { }\nimage "b" { base image "a" }'],
  ['image "a" { base ./nginx.conf }', 'image "a" { base layout ./nginx.conf }'],
  ...[
    '[ "A=b" "C=${hello}/d" ]',
    '"A=b" "C=${hello}/d"',
    '{ "A=b" "C=${hello}/d" }',
    '[ A=b "C=${hello}/d" ]',
    '[ { name "A" value "b" } { name "C" value "${hello}/d" } ]',
    ': - A=b - "C=${hello}/d"',
    ': - name: A value: b - name: C value: "${hello}/d"',
    ': [ "A=b", "C=${hello}/d" ]',
  ].map((env) => [
    `image "a" { config { env ${env} user "0" } }`,
    'image "a" { config { env { A "b" C "${hello}/d" } user "0" } }',
  ]),
  [
    'image "a" {\n  config {\n    env:\n      - name: A # why\n        value: 1\n      # next\n      - name: C\n        value: "d"\n  }\n}\n',
    'image "a" {\n  config {\n    env\n      { A # why\n        "1"\n      # next\n      C\n        "d" }\n  }\n}\n',
  ],
  ['image "a" { config { labels [ "com.x=1" ] } }', 'image "a" { config { labels { "com.x" "1" } } }'],
  ['image "a" { users [ { name "api" uid 1 gid 2 } ] }', 'image "a" { users { api { uid 1 gid 2 } } }'],
  [
    'image "a" { config { Env = [ "A=b" ]; ExposedPorts = { "80/tcp" = { }; }; Volumes = { "/x" = { }; }; } }',
    'image "a" { config { env { A "b" } expose [ 80/tcp ] volumes [ "/x" ] } }',
  ],
  [
    'image "a" { config { "Env": [ "A=b", "C=d" ], "Volumes": { "/x": {}, "/y": {} } } }',
    'image "a" { config { env { A "b" C "d" } volumes [ "/x" "/y" ] } }',
  ],
  [
    'image "a" { config { volumes [ "./data:/data" "cache:/var/cache:ro" "x" ] } }',
    'image "a" { config { volumes [ "/data" "/var/cache" "/x" ] } }',
  ],
  [
    'image "a" { config { volumes [ "/data:/data" "/x:ro" "/y:/z:rw,Z" "name:/v:rw" ] } }',
    'image "a" { config { volumes [ "/data" "/x" "/z" "/v" ] } }',
  ],
  ...['prepend "/q:"', 'prepend ":/q"', 'append ":/q::"', '"/q:"'].map((value) => [
    `image "a" { config { env { PATH ${value} } } }`,
    `image "a" { config { env { PATH ${value.replaceAll(":", "")} } } }`,
  ]),
  [
    'image "a" { config { env { PATH append ":${hello}/bin::/q:" LD_LIBRARY_PATH "/a::/b" } } }',
    'image "a" { config { env { PATH append "${hello}/bin:/q" LD_LIBRARY_PATH "/a:/b" } } }',
  ],
  ['image "a" { layers { auto auto } }', 'image "a" { layers { auto } }'],
  ['Image "a" { Packages [ hello ] }', 'image "a" { packages [ hello ] }'],
  ['tools = [ hello ]\nimage "a" { packages $tools }', 'let tools = [ hello ]\nimage "a" { packages $tools }'],
  ['var v = "1"\nimage "a" { tag var.v }', 'let v = "1"\nimage "a" { tag $v }'],
  ['let v = "1"\nimage "a" { tag "v$(v)-{{ .Values.v }}" }', 'let v = "1"\nimage "a" { tag "v${$v}-${$v}" }'],
  ['image "a" { packages => [ hello ] tag += "v1" }', 'image "a" { packages [ hello ] tag "v1" }'],
  ['image "a" { expect { size <= 1 GB layers <= 9 } }', 'image "a" { expect { size <= 1GB layers <= 9 } }'],
  ['{ pkgs, lib ? null, ... }:\nimage "a" { }\n', '\nimage "a" { }\n'],
  ['image "a" { expect { size =< 1GB } }', 'image "a" { expect { size <= 1GB } }'],
  [
    'image "a" { manifest docker config { healthCheck { Test [ "NONE" ] startPeriod 5s } } }',
    'image "a" { manifest docker config { healthcheck { test [ "NONE" ] start-period 5s } } }',
  ],
  ...["[ hello ] ++ $more", "[ hello ] ++ [ $more ]", "[ ] ++ [ hello ] ++ $more", "hello ++ $more"].map((list) => [
    `let more = [ jq ]\nimage "a" { packages ${list} }`,
    'let more = [ jq ]\nimage "a" { packages [ hello $more ] }',
  ]),
  [
    'image "a" {\n  packages [\n    hello # why\n  ] ++ [ jq\n  ]\n}\n',
    'image "a" {\n  packages [\n    hello # why\n jq\n  ]\n}\n',
  ],
  ...['"v" + $n', '"v"+$n', '"v" ++ ${n}'].map((tag) => [
    `param n = "1"\nimage "a" { tag ${tag} }`,
    'param n = "1"\nimage "a" { tag "v${$n}" }',
  ]),
  ['image "a" { author "x " + hello + "/y" }', 'image "a" { author "x ${hello}/y" }'],
  ['image "a" { packages [ ${hello} ] }', 'image "a" { packages [ hello ] }'],
  ['image { name = "a"; packages = [ hello ]; }', 'image "a" { packages [ hello ] }'],
  ['let\n  x = [ hello ];\nin\nimage "a" { packages $x }\n', 'let\n  x = [ hello ]\nimage "a" { packages $x }\n'],
  ['variable "x" {}\nimage "a" { tag $x }\n', 'param x\nimage "a" { tag $x }\n'],
  ['image "a" { expect { licenses [ "apache2" ] } }', 'image "a" { expect { licenses [ "Apache-2.0" ] } }'],
  ['image "Shop/API" { }', 'image "shop/api" { }'],
  ['image "a" { files { "/x" ./src } }', 'image "a" { files { "/x" copy ./src } }'],
  ['image "a" { files { "x" directory } }', 'image "a" { files { "/x" directory } }'],
  ['image "a" { config { workdir "./app" } }', 'image "a" { config { workdir "/app" } }'],
  [
    'image "a" { files { "/x" copy ./src { exclude [ "./tmp" ] } } }',
    'image "a" { files { "/x" copy ./src { exclude [ "/tmp" ] } } }',
  ],
  ['image "a" { expect { no-setuid false layers <= 9 } }', 'image "a" { expect { layers <= 9 } }'],
  [
    'image "a" { permissions { "/nix/store/hello-1/bin/x" { mode 0755 } } }',
    'image "a" { permissions { "/nix/store/*-hello-1/bin/x" { mode 0755 } } }',
  ],
  ...[
    ['[ "/bin/x" "-f" ]', '[ "CMD" "/bin/x" "-f" ]'],
    ['"/bin/x || exit 1"', '[ "CMD-SHELL" "/bin/x || exit 1" ]'],
    ['"/bin/x --check" interval 1min', '[ "CMD-SHELL" "/bin/x --check" ] interval 1m'],
    ['"/bin/x"', '[ "CMD" "/bin/x" ]'],
    ['"CMD-SHELL curl x"', '[ "CMD-SHELL" "curl x" ]'],
    ['[ "CMD /bin/x" ]', '[ "CMD" "/bin/x" ]'],
    ['[ "curl -f x || exit 1" ]', '[ "CMD-SHELL" "curl -f x || exit 1" ]'],
    ['[ "CDM" "/bin/x" ]', '[ "CMD" "/bin/x" ]'],
  ].map(([bad, good]) => [
    `image "a" { manifest docker config { healthcheck { test ${bad} } } }`,
    `image "a" { manifest docker config { healthcheck { test ${good} } } }`,
  ]),
])("%s", async (bad, good) => {
  expect(check({ path, text: bad as string }, hostOf()).diagnostics).not.toEqual([]);
  expect((await applyFixes({ path, text: bad as string }, hostOf(), nothing)).text).toBe(good);
  expect(check({ path, text: good as string }, hostOf()).diagnostics).toEqual([]);
});

test("of two different settings, removing either is offered but not applied", async () => {
  const text = 'image "a" {\n  tag "v1"\n  tag "v2"\n}\n';
  expect(await applyFixes({ path, text }, hostOf(), nothing)).toEqual({ text, made: [] });
  const result = check({ path, text }, hostOf());
  const offered = result.diagnostics.flatMap((found) => fixesOf(found, result));
  expect(offered.map(({ edits }) => applyEdits(text, edits))).toEqual([
    'image "a" {\n  tag "v1"\n}\n',
    'image "a" {\n  tag "v2"\n}\n',
  ]);
});

test("several fixes are applied at once, and then the fixes of diagnostics that they reveal", async () => {
  const text = 'let a = [ hello ]\nlet b = $a\nimage "a" { pakages [ x ] usres { api { uid 1 } } }';
  expect((await applyFixes({ path, text }, hostOf(), nothing)).text).toBe(
    'image "a" { packages [ x ] users { api { uid 1 gid 1000 } } }',
  );
});

test("the test of a health check gets brackets and its first word at once, whatever other errors there are", async () => {
  const settings = (first: string) => `image "a" { manifest docker config { healthcheck { ${first} interval 10 } } }`;
  const text = settings('test "/bin/x || exit 1"');
  expect(check({ path, text }, hostOf()).diagnostics).toMatchObject([
    { code: "wrong-type", message: expect.stringContaining('`[ "CMD-SHELL" "/bin/x || exit 1" ]`') as string },
    { code: "wrong-type", message: expect.stringContaining("`10s`") as string },
  ]);
  expect((await applyFixes({ path, text }, hostOf(), nothing)).text).toBe(
    settings('test [ "CMD-SHELL" "/bin/x || exit 1" ]'),
  );
});

test("diagnostics without a safe fix stay", async () => {
  const text = 'image "a" { files { "/x" directory { mode 99 } } expect { size <= 3xb } }';
  expect(await applyFixes({ path, text }, hostOf(), nothing)).toEqual({ text, made: [] });
});

test.each([
  'config { volumes [ "/a:b" ] }',
  'config { env { MANPATH append ":/q" PATH "/a:/b" } }',
  'config { env { PATH prepend "" } }',
  "layers { each 5 group 2 auto }",
])("colons and steps that are right have no diagnostic: %s", (settings) => {
  expect(check({ path, text: `image "a" { ${settings} }` }, hostOf()).diagnostics).toEqual([]);
});

test("of three steps that take all remaining paths, each has a message of its own", () => {
  const { diagnostics } = check({ path, text: 'image "a" { layers { auto each auto } }' }, hostOf());
  expect(diagnostics.map(({ message }) => message)).toEqual([
    "`auto` and `each` each take all remaining paths; keep one of them, as the last step",
    "`auto` is set twice; join the two into one",
  ]);
});

test.each(["+x", "a+rx,g-w", "x"])(
  "a mode of chmod has one diagnostic, which says that modes are octal: %s",
  (mode) => {
    const { diagnostics } = check({ path, text: `image "a" { permissions { "/x" { mode ${mode} } } }` }, hostOf());
    expect(diagnostics).toMatchObject([
      {
        code: "wrong-type",
        message: expect.stringContaining(`this is \`${mode}\`; a mode sets all bits, in octal`) as string,
      },
    ]);
  },
);

const packages = (content: string) => `let w = [ hello ] image "a" { packages [ ${content} ] }`;

test("a name in quotes is the binding if the binding has no other use", async () => {
  const text = packages('"w"');
  expect(check({ path, text }, hostOf()).diagnostics).toMatchObject([{ code: "bare-binding", severity: "error" }]);
  expect((await applyFixes({ path, text }, hostOf(), nothing)).text).toBe(packages("$w"));
});

test("a name in quotes can be the binding, or the package of this name, if the binding has other uses", async () => {
  const text = packages('"w" $w');
  const result = check({ path, text }, hostOf());
  expect(result.diagnostics).toMatchObject([{ code: "bare-binding", severity: "error" }]);
  const offered = result.diagnostics.flatMap((found) => fixesOf(found, result));
  expect(offered.map(({ edits }) => applyEdits(text, edits))).toEqual([packages("$w $w"), packages("w $w")]);
  expect((await applyFixes({ path, text }, hostOf(), nothing)).made).toEqual([]);
});

test("a string with the text of a binding's name is text where a string is valid", () => {
  const text = 'let w = [ hello ] image "a" { author "w" packages [ $w ] }';
  expect(check({ path, text }, hostOf()).diagnostics).toEqual([]);
});

test("a sign before a word joins no words", async () => {
  const text = 'image "a" { permissions { "/x" { mode +x } } }';
  expect((await applyFixes({ path, text }, hostOf(), nothing)).text).not.toContain("[ mode x ]");
});

test.each([
  [
    'image "a" { config { healthcheck { test [ "CMD" "x" ] } } }',
    'healthcheck { test [ "CMD" "x" ] } } manifest docker }',
  ],
  ['image "a" { config { user "nobody" } }', 'user "nobody" } provide [ users ] }'],
  ['image "a" { author "${1 + 2}" }', '"\\${1 + 2}"'],
  ["image \"a\" { author ''${1 + 2}'' }", "'''${1 + 2}''"],
  ['image "a" { files { "/x" copy src } }', "copy ./src"],
  ['image "a" { packages [ libdb5.3 ] }', "[ nix ''pkgs.\"libdb5.3\"'' ]"],
  ['variable "x" {\n  default = "1" # why\n}\nimage "a" { tag $x }', 'param x = "1"'],
])("what a message proposes is offered, but not applied: %s", async (text, expected) => {
  const result = check({ path, text }, hostOf());
  const [found] = result.diagnostics;
  const [offered] = found === undefined ? [] : fixesOf(found, result);
  expect(applyEdits(text, offered?.edits ?? [])).toContain(expected);
  expect((await applyFixes({ path, text }, hostOf(), nothing)).made).toEqual([]);
});

test.each([
  ["output oci-archive platforms [ linux/amd64 linux/arm64 ]", ["output oci platforms", "{ platforms"]],
  ["manifest docker compression zstd", ["manifest docker compression gzip", "{ compression zstd"]],
  ['permissions { "/a/[z-a]" { mode 0644 } }', ['"/a/[a-z]"']],
  ['permissions { "/a/[a-z" { mode 0644 } }', ['"/a/[a-z]"', '"/a/[[]a-z"']],
  ['permissions { "/a/{b,c" { mode 0644 } }', ['"/a/{b,c}"', '"/a/[{]b,c"']],
  ['manifest docker config { healthcheck { test [ "NONE" ] interval 30 } }', ["interval 30s"]],
  ['manifest docker config { healthcheck { test [ "NONE" ] interval "30" } }', ["interval 30s"]],
  ...[
    ["+x", "0755"],
    ["u+x", "0744"],
    ["a+rx", "0755"],
    ['"+x"', "0755"],
    ["x", "0755"],
    ["-x", "0644"],
    ["a+rx,g-w", "0755"],
    ["u=rwx,go=rx", "0755"],
    ["g+w", "0664"],
    ["u+s", "04755"],
    ["+t", "01755"],
  ].map(([bad, good]): [string, string[]] => [
    `permissions { "/x" { mode ${bad} owner 0 } }`,
    [`mode ${good} owner 0`],
  ]),
  ["layers { auto each }", ["layers { auto }", "layers { each }"]],
  ["layers { each rest }", ["layers { each }", "layers { rest }"]],
  ["expect { size 1GB }", ["size <= 1GB"]],
  ["expect { size = 1GB }", ["size <= 1GB", "size == 1GB"]],
  ['config { cmd "a --b" }', ['cmd [ "a" "--b" ]', 'cmd [ "a --b" ]']],
  ['author "a\\qb"', ['"a\\\\qb"']],
])("of several changes, each resolves the diagnostic, and none is applied: %s", async (settings, expected) => {
  const text = `image "a" { ${settings} }`;
  const result = check({ path, text }, hostOf());
  const [found] = result.diagnostics;
  const changed = (found === undefined ? [] : fixesOf(found, result)).map(({ edits }) => applyEdits(text, edits));
  expect(changed).toEqual(expected.map((each) => expect.stringContaining(each) as string));
  for (const each of changed) expect(check({ path, text: each }, hostOf()).diagnostics).toEqual([]);
  expect((await applyFixes({ path, text }, hostOf(), nothing)).made).toEqual([]);
});

test("a fix that resolves no diagnostic is not applied", async () => {
  // Found by the fuzzer: a missing setting was added again and again inside an unclosed bracket.
  const text = 'image "a" {\n  users { api {[ uid 1 gid 1 } }\n  files { "/x" directory { owner "api" } }\n}\n';
  const { text: fixed } = await applyFixes({ path, text }, hostOf(), nothing);
  expect(await applyFixes({ path, text: fixed }, hostOf(), nothing)).toEqual({ text: fixed, made: [] });
});

test.each([
  ["copy none.conf", "bare-path", "`./none.conf`"],
  ["copy src/nginx.conf", "quoted-path", "`./src/nginx.conf`"],
  ["copy src/", "quoted-path", "`./src/`"],
  ["extract a/tool.tar.gz", "quoted-path", "`./a/tool.tar.gz`"],
  ['copy "~/x"', "home-path", "`~/x`"],
])("%s: one diagnostic names the path", (content, code, named) => {
  const { diagnostics } = check({ path, text: `image "a" { files { "/x" ${content} } }` }, hostOf());
  expect(diagnostics).toMatchObject([{ code, message: expect.stringContaining(named) as string }]);
});

test("a setting that another kind of entry has lacks braces", () => {
  const { diagnostics } = check({ path, text: 'image "a" { files { "/e" link "/d" mode 0644 } }' }, hostOf());
  expect(diagnostics).toMatchObject([
    { code: "missing-braces" },
    { code: "unknown-setting", message: '`mode` is not a setting of `"/e"`; the settings are `owner`' },
  ]);
});

test("an attribute of a set of packages is no file", () => {
  const text = 'image "a" { files { "/x" copy python3Packages.toml } }';
  expect(check({ path, text }, hostOf()).diagnostics).toEqual([]);
});

test("a setting that may be a binding without uses is not made one, since unused bindings are removed", async () => {
  const text = 'version = "1"\nimage "a" { }\n';
  expect(check({ path, text }, hostOf()).diagnostics).toMatchObject([
    { code: "unknown-setting", message: expect.stringContaining("`let version`") as string },
  ]);
  expect(await applyFixes({ path, text }, hostOf(), nothing)).toEqual({ text, made: [] });
});

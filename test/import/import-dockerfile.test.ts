import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { format } from "../../src/format/format.ts";
import { importDockerfile } from "../../src/import/dockerfile/import-dockerfile.ts";
import { expand, logicalLine, splitWords } from "../../src/import/dockerfile/words.ts";
import { specText } from "../../src/import/spec-text.ts";
import { check } from "../../src/language/index.ts";

const FOLDER = join(import.meta.dirname, "dockerfiles");
const CONTEXT = join(FOLDER, "context");
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".Dockerfile"));

async function imported(text: string): Promise<string> {
  const path = join(CONTEXT, "image.imgspec");
  return (await format({ path, text: specText(importDockerfile(text, "shop", CONTEXT)) })).text;
}

function errors(text: string): string[] {
  const source = { path: join(CONTEXT, "image.imgspec"), text };
  const { diagnostics } = check(source, { read: () => undefined, exists: () => true });
  return diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

test.each(names)("%s becomes a description without mistakes", async (name) => {
  const text = await imported(readFileSync(join(FOLDER, name), "utf8"));
  expect(errors(text)).toEqual([]);
  await expect(text).toMatchFileSnapshot(join(FOLDER, name.replace(/Dockerfile$/, "imgspec")));
});

test("there are Dockerfiles of twenty kinds", () => {
  expect(names.length).toBeGreaterThanOrEqual(20);
});

test.each([
  ["$A", "one", []],
  ["${A}b", "oneb", []],
  ["'$A'", "$A", []],
  ['"$A b"', "one b", []],
  ["\\$A", "$A", []],
  ["a\\ b", "a b", []],
  ['"a\\nb"', "a\\nb", []],
  ["${B:-x$A}", "xone", []],
  ["${EMPTY:-x}", "x", []],
  ["${EMPTY-x}", "", []],
  ["${A:+y}", "y", []],
  ["${B:+y}", "", []],
  ["x$B", "x", ["B"]],
  ["$", "$", []],
] as [string, string, string[]][])("%s means %j", (raw, text, unknown) => {
  const variables = new Map([
    ["A", "one"],
    ["EMPTY", ""],
  ]);
  expect(expand(raw, (name) => variables.get(name))).toEqual({ text, unknown });
});

test("versions of packages, and variables without a value in labels, are named in comments", async () => {
  const text = await imported("FROM debian:12\nRUN apt-get install -y curl=7.88.1-10 jq\nLABEL d=$X v=${Y:-1}\n");
  expect(text).toContain("# Dockerfile:2: versions of packages: curl=7.88.1-10\n");
  expect(text).toContain("packages [ curl jq ]");
  expect(text).toContain("# Dockerfile:3: LABEL: the value of X is unknown here.\n");
  expect(text).toMatch(/d ""\s+v "1"/);
});

test.each([
  ["useradd -m -u 1234 app", '"/home/app"'],
  ["useradd -rm -d /app -u 1234 app", '"/app"'],
  ["useradd -u 1234 app", undefined],
  ["adduser -D -u 1234 app", '"/home/app"'],
  ["adduser -D -H -u 1234 app", undefined],
])("%s makes the home folder %s", async (command, home) => {
  const text = await imported(`FROM debian:12\nRUN ${command}\n`);
  expect(/ home (\S+)/.exec(text)?.[1]).toBe(home);
});

test("a backtick escapes if the Dockerfile says so", async () => {
  const text = await imported("# escape=`\nFROM debian:12\nENV A=a`\n  B=c\\d\n");
  expect(text).toContain('A "a"');
  expect(text).toContain('B "c\\\\d"');
});

test("continued lines are one, without comments between them", () => {
  expect(logicalLine("a \\\n# no\n  b \\\n\tc")).toMatch(/^a\s+b\s+c$/);
  expect(splitWords('a \'b c\' "d\\" e"f g\\ h')).toEqual(["a", "'b c'", '"d\\" e"f', "g\\ h"]);
});

test("here-documents are scripts, files, or the input of commands", async () => {
  const text = await imported(`FROM debian:12
RUN <<EOF
apt-get update
apt-get install -y jq
EOF
RUN python3 <<EOF
mkdir = 1
EOF
RUN <<EOF
#!/usr/bin/env python3
print(2)
EOF
COPY <<-one <<"two" /etc/two/
	tabbed
one
$x "quoted"
two
`);
  expect(text).toContain("packages [ jq ]");
  expect(text).toContain("# Dockerfile:6: RUN python3 <<EOF\n  # mkdir = 1\n  # EOF\n");
  expect(text).toContain("# Dockerfile:9: RUN <<EOF\n  # #!/usr/bin/env python3\n");
  expect(text).toContain('"/etc/two/one" text "tabbed\\n"');
  expect(text).toContain('"/etc/two/two" text "\\$x \\"quoted\\"\\n"');
});

test("options of COPY and ADD are converted, or have a comment", async () => {
  const text = await imported(`FROM debian:12
COPY --link --chmod=0755 --chown=1:2 a.txt /a
COPY --chmod=u+x b.txt /b
COPY --parents x/y.txt /
COPY --exclude=*.log c.txt /c
ADD --checksum=sha256:abc https://example.org/x.bin /x
ADD --unpack=false d.tar /d
`);
  expect(text).toMatch(/"\/a" +copy \.\/a\.txt \{ mode 0755 owner 1:2 \}/);
  for (const comment of [
    "3: --chmod=u+x: imgc takes octal modes",
    "4: --parents: imgc keeps no parent folders",
    "5: --exclude=*.log: add exclude",
    "6: --checksum=sha256:abc: give the checksum",
    "7: --unpack=false: use copy",
  ])
    expect(text).toContain(`# Dockerfile:${comment}`);
  expect(text).not.toContain("Dockerfile:2");
});

test("all forms of an instruction are read: JSON and shell, lines of Windows, the old form of ENV", async () => {
  const text = await imported(
    `# syntax=docker/dockerfile:1
# escape=\`
ARG VERSION=12
ARG BASE=debian
FROM \${BASE}:\${VERSION}-slim
SHELL ["/bin/bash", "-c"]
ENV A 1 2 3
ENV B=x \`
# comment
  C=\${A:-q}
COPY ["b c.txt", "/srv/b c.txt"]
RUN ["apk", "add", "curl"]
VOLUME ["/json"]
VOLUME /data
ONBUILD RUN make
HEALTHCHECK NONE
ENTRYPOINT exec top -b
CMD ["a",\`
 "b"]
`.replaceAll("\n", "\r\n"),
  );
  for (const part of [
    'base registry "docker.io/library/debian:12-slim"',
    'entrypoint [ "/bin/bash" "-c" "exec top -b" ]',
    'cmd [ "a" "b" ]',
    'A "1 2 3"',
    'B "x"',
    'C "1 2 3"',
    'copy path "./b c.txt"',
    "packages [ curl ]",
    'volumes [ "/json" "/data" ]',
    'test [ "NONE" ]',
    "# Dockerfile:15: ONBUILD RUN make\n  # imgc has no setting for ONBUILD.",
  ])
    expect(text).toContain(part);
  expect(text).not.toContain("\r");
  expect(errors(text)).toEqual([]);
});

test("instructions that cannot be imported are comments with the line", async () => {
  const text = await imported("FROM debian:12\nRUN make install\nCOPY --from=other /x /y\nEXPOSE $PORT/x\n");
  for (const comment of [
    "# Dockerfile:2: RUN make install",
    "# Dockerfile:3: COPY /x",
    "# Dockerfile:4: EXPOSE $PORT/x: no",
  ])
    expect(text).toContain(comment);
});

test.each(["FROM\n", "FROM a AS\nFROM a\n", 'FROM a\nENV\nCOPY\nCMD [\nLABEL "\nHEALTHCHECK\nUSER\n'])(
  "a broken Dockerfile is imported as far as it goes: %j",
  async (text) => {
    expect(errors(await imported(text))).toEqual([]);
  },
);

test.each(["", "# only a comment\n", "RUN x\n", "\u0000\u0001"])("%j is no Dockerfile", (text) => {
  expect(() => importDockerfile(text, "shop", CONTEXT)).toThrow("not a Dockerfile: no line begins with FROM");
});

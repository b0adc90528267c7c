/** NAR hashes of store paths in a layer's tar stream, and streams for which none can be computed. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Findings } from "../../src/verify/findings.ts";
import { FileTree } from "../../src/image/file-tree.ts";
import { LayerInspector } from "../../src/verify/inspect-layer.ts";
import { narDigest } from "../../src/layer/nar.ts";
import { encodeHeader, padding, TRAILER, type EntryHeader } from "../../src/layer/tar.ts";

const PATH = `nix/store/${"a".repeat(32)}-a`;

type Piece = [header: EntryHeader, content: string];

const entry = (name: string, text?: string): Piece => {
  const kind = text === undefined ? "directory" : "file";
  return [{ kind, name: Buffer.from(PATH + name), mode: 0o555, uid: 0, gid: 0, size: text?.length ?? 0 }, text ?? ""];
};

/** A folder with two files and a folder between them, in the order of a NAR. */
const inOrder: [Piece, Piece, Piece, Piece, Piece] = [
  entry(""),
  entry("/a", "one"),
  entry("/b"),
  entry("/b/c", "two"),
  entry("/b.c", "three"),
];

function inspect(entries: Piece[], isOwn: boolean, change = (header: Buffer) => header) {
  const findings = new Findings();
  const options = { tree: new FileTree(), index: 0, label: "layer 1", storeDir: "/nix/store", deep: true, isOwn };
  const inspector = new LayerInspector(findings, options);
  for (const [header, text] of entries) {
    inspector.push(change(encodeHeader(header)));
    inspector.push(Buffer.from(text));
    inspector.push(Buffer.alloc(padding(text.length)));
  }
  inspector.push(TRAILER);
  return { ...inspector.end(), findings: findings.sentences };
}

test("a store path in the order of a NAR gets its NAR hash", () => {
  const folder = mkdtempSync(join(tmpdir(), "imgc-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "x/b"), { recursive: true });
  for (const [name, text] of Object.entries({ a: "one", "b/c": "two", "b.c": "three" }))
    writeFileSync(join(folder, "x", name), text, { mode: 0o755 });
  const { hash, size } = narDigest(join(folder, "x"));
  const { nars, unhashed, findings } = inspect(inOrder, true);
  expect(nars.get(`/${PATH}`)).toEqual({ hash: hash.toString("hex"), size });
  expect([...unhashed, ...findings]).toEqual([]);
});

test("another order, a missing folder or a hard link leaves no hash, and is a finding in imgc's layers", () => {
  const [top, a, b, c, bc] = inOrder;
  const linked = (header: Buffer) => {
    if (!header.toString("latin1", 0, 100).includes("/b.c\0")) return header;
    const made = Buffer.from(header);
    made.write("1", 156);
    made.write(`${PATH}/a`, 157);
    // A hard link has no content.
    made.write("00000000000", 124);
    let sum = 8 * 0x20;
    for (let i = 0; i < made.length; i++) if (i < 148 || i >= 156) sum += made[i] as number;
    made.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    return made;
  };
  const orders = [
    [top, b, c, bc, a],
    [top, a, bc, b, c],
    [top, a, c, bc],
    [a, b, c, bc],
    [top, a, b, [{ ...b[0], name: Buffer.from("etc") }, ""] as Piece, bc],
  ];
  const cases = [
    ...orders.map((entries) => [entries, (header: Buffer) => header] as const),
    [[top, a, b, [bc[0], ""] as Piece], linked] as const,
  ];
  for (const [entries, change] of cases) {
    const others = inspect([...entries], false, change);
    expect([...others.unhashed]).toEqual([`/${PATH}`]);
    expect([others.nars.size, others.findings]).toEqual([0, []]);
    expect(inspect([...entries], true, change).findings).toEqual([
      `layer 1: the entries of /${PATH} are not in imgc's form and order`,
    ]);
  }
});

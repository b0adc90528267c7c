import fc from "fast-check";
import { expect, test } from "vitest";
import { parseLog } from "../../src/nix/log.ts";

const line = (json: object) => parseLog(`@nix ${JSON.stringify(json)}`);

test("log lines become events", () => {
  const drv = "/nix/store/x0jlrpvpnxlphp4g8p4dn8af6vdr81gm-layer.json.drv";
  expect(line({ action: "start", fields: [drv, "ssh://far", 1, 1], id: 7, level: 3, text: "", type: 105 })).toEqual({
    kind: "build",
    id: 7,
    derivation: drv,
    machine: "ssh://far",
  });
  expect(line({ action: "result", fields: ["hashing runtime"], id: 7, type: 104 })).toEqual({
    kind: "phase",
    id: 7,
    phase: "hashing runtime",
  });
  // The error of a builder that cannot be started, from Nix 2.8.
  const message = "executing '\u001b[35;1m/x\u001b[0m': No such file or directory";
  const record = `\u0005${"\0".repeat(7)}Error${"\0".repeat(11)}\u0005${"\0".repeat(7)}Error${"\0".repeat(3)}I${"\0".repeat(7)}${message}${"\0".repeat(23)}`;
  expect(line({ action: "result", fields: ["\u0001"], id: 7, type: 101 })).toBeUndefined();
  expect(line({ action: "result", fields: [record], id: 7, type: 101 })).toEqual({
    kind: "log",
    id: 7,
    line: "executing '/x': No such file or directory",
  });
  expect(line({ action: "start", id: 8, type: 104 })).toEqual({ kind: "count", id: 8, of: "builds" });
  expect(line({ action: "start", id: 9, type: 103 })).toEqual({ kind: "count", id: 9, of: "copies" });
  const progress = { action: "result", id: 8, type: 105, fields: [3, 17, 1, 0] };
  expect(line(progress)).toEqual({ kind: "progress", id: 8, done: 3, expected: 17 });
  const image = {
    attribute: "a",
    derivation: "a.drv",
    image: "b.drv",
    inputs: { "linux/amd64": { app: "abcde" } },
    plan: "d.json",
    sources: [{ derivation: "c.drv", output: "c" }],
  };
  const trace = (json: string) => line({ action: "msg", level: 0, msg: `trace: imgc ${json}` });
  expect(trace(JSON.stringify(image))).toEqual({ kind: "image", image });
  // The trace of the user's own expression.
  expect(trace("{ nothing }")).toMatchObject({ kind: "message", text: "trace: imgc { nothing }" });
  expect(line({ action: "stop", id: 7 })).toEqual({ kind: "stop", id: 7 });
  const [msg, raw] = ["\u001b[31;1merror:\u001b[0m no\n at «stdin»:7:16", "\u001b[1mno\u001b[0m"];
  expect(line({ action: "msg", level: 0, msg, raw_msg: raw, line: 7, column: 16, file: "" })).toEqual({
    kind: "message",
    level: 0,
    text: "error: no\n at «stdin»:7:16",
    raw: "no",
    place: { file: "", line: 7 },
  });
});

test("unknown lines are ignored, and no line throws", () => {
  expect(line({ action: "start", id: 1, level: 0, text: "", type: 102 })).toBeUndefined();
  expect(line({ action: "dance" })).toBeUndefined();
  expect(parseLog("plain words")).toMatchObject({ kind: "message", text: "plain words" });
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      parseLog(text);
      parseLog(`@nix ${text}`);
    }),
  );
});

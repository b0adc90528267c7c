/** Checks that a container of the image can start: the program exists, and the user may execute it. */
import type { Findings } from "../findings.ts";
import { Users, type Identity } from "./users.ts";
import { displayName, type FileTree, type Found, type Node } from "../../image/file-tree.ts";
import type { RunConfig } from "../../oci/documents.ts";
import { DEFAULT_PATH } from "../../oci/run-config.ts";

export function checkConfig(findings: Findings, tree: FileTree, config: RunConfig): void {
  const users = new Users(findings, tree);
  users.check();
  const identity = users.identity(config.User ?? "");
  const workdir = latin1(config.WorkingDir || "/");
  if (!workdir.startsWith("/")) findings.add(`config: the working directory ${displayName(workdir)} is not absolute`);
  else {
    const found = tree.resolve(workdir);
    if ("node" in found && found.node.kind !== "directory") {
      findings.add(`config: the working directory ${displayName(workdir)} is a ${found.node.kind}`);
    }
  }
  // An unknown user is already a finding.
  if (identity !== undefined) checkProgram(findings, tree, config, workdir, identity);
}

function checkProgram(
  findings: Findings,
  tree: FileTree,
  { Entrypoint, Cmd, Env }: RunConfig,
  workdir: string,
  identity: Identity,
): void {
  const [kind, command] = Entrypoint?.length ? ["entry point", Entrypoint] : ["command", Cmd];
  if (command?.[0] === undefined) return;
  const program = latin1(command[0]);
  const path = Env?.findLast((line) => line.startsWith("PATH="))?.slice("PATH=".length) ?? DEFAULT_PATH;
  const candidates = program.includes("/")
    ? [program.startsWith("/") ? program : `${workdir}/${program}`]
    : latin1(path)
        .split(":")
        .map((folder) => `${folder}/${program}`);
  const problems: Problem[] = [];
  for (const candidate of candidates) {
    const problem = cannotExecute(tree, candidate, identity);
    if (problem === undefined) return;
    problems.push(problem);
  }
  // A file in PATH that cannot be executed explains more than folders without the file.
  const problem = program.includes("/") ? problems[0] : problems.find(({ isMissing }) => !isMissing);
  const reason = problem === undefined ? `it is in no folder of PATH (${path})` : displayName(problem.text);
  findings.add(`config: the ${kind} ${displayName(program)} cannot be run: ${reason}`);
}

/** The reason why a file cannot be executed. */
interface Problem {
  text: string;
  isMissing: boolean;
}

function cannotExecute(tree: FileTree, path: string, identity: Identity): Problem | undefined {
  const present = (text: string): Problem => ({ text, isMissing: false });
  let closed: string | undefined;
  const found: Found = tree.resolve(path, (node, at) => {
    if (!mayExecute(node, identity)) closed ??= `the user ${identity.uid} may not enter ${at}`;
  });
  if ("problem" in found) return { text: found.problem, isMissing: true };
  if (closed !== undefined) return present(closed);
  if (found.node.kind !== "file") return present(`${found.path} is a ${found.node.kind}`);
  const mode = found.node.mode.toString(8).padStart(4, "0");
  return mayExecute(found.node, identity)
    ? undefined
    : present(`${found.path} with mode ${mode} is not executable for the user ${identity.uid}`);
}

/** Checks the execute bit of owner, group or others that applies; for root, any bit on a file suffices. */
function mayExecute({ kind, mode, uid, gid }: Node, identity: Identity): boolean {
  if (identity.uid === 0) return kind === "directory" || (mode & 0o111) !== 0;
  const bit = uid === identity.uid ? 0o100 : identity.gids.has(gid) ? 0o010 : 0o001;
  return (mode & bit) !== 0;
}

/** Converts text to the form of names in the tree: bytes decoded as Latin-1. */
function latin1(text: string): string {
  return Buffer.from(text).toString("latin1");
}

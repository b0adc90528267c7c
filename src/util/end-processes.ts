/** Ends a process together with the processes that it started. */
import { readdirSync, readFileSync } from "node:fs";

/**
 * Sends SIGTERM to a process and its descendants. A process group would be simpler, but Node.js can make one only with a new
 * session, in which a command cannot ask for a PIN at the terminal. Without /proc, only the process itself is ended.
 */
export function endProcesses(pid: number): void {
  // Read the tree before the first signal: children of an ended process get another parent.
  for (const each of [pid, ...descendants(pid, parents())]) {
    try {
      process.kill(each, "SIGTERM");
    } catch {
      // The process has ended.
    }
  }
}

function descendants(pid: number, parentOf: ReadonlyMap<number, number>): number[] {
  return [...parentOf].flatMap(([child, parent]) => (parent === pid ? [child, ...descendants(child, parentOf)] : []));
}

/** The parent of each process. */
function parents(): Map<number, number> {
  const found = new Map<number, number>();
  for (const name of processes()) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      // `PID (NAME) STATE PARENT …`; a name may contain parentheses.
      const [, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      found.set(Number(name), Number(parent));
    } catch {
      // The process has ended.
    }
  }
  return found;
}

function processes(): string[] {
  try {
    return readdirSync("/proc").filter((name) => /^[1-9]\d*$/.test(name));
  } catch {
    return [];
  }
}

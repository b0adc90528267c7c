/** Runs a command; measures its time, or the memory of all its processes. */
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const SAMPLE = 20;

export interface Run {
  milliseconds: number;
  /** The highest sum of the resident memory of all processes in bytes; 0 unless sampled. */
  peak: number;
}

/** `sampled`: also measures memory, which takes processor time of its own. */
export async function run(command: string[], { cwd = ".", sampled = false } = {}): Promise<Run> {
  const [program = "", ...args] = command;
  const started = performance.now();
  const child = spawn(program, args, { cwd, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (said = (said + piece).slice(-2000)));
  let peak = 0;
  const sample = () => (peak = Math.max(peak, residentMemory(child.pid ?? 0)));
  const timer = sampled ? setInterval(sample, SAMPLE) : undefined;
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${command.join(" ")} failed: ${said}`);
  return { milliseconds: performance.now() - started, peak };
}

/** The resident memory of a process and its descendants in bytes. */
export function residentMemory(root: number): number {
  const processes = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [processOf(Number(name))] : []));
  const children = Map.groupBy(processes, ({ parent }) => parent);
  const sumOf = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + sumOf(child.pid), processOf(pid).resident);
  return sumOf(root);
}

function processOf(pid: number): { pid: number; parent: number; resident: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
    return { pid, parent: field("PPid"), resident: field("VmRSS") * 1024 };
  } catch {
    // The process ended.
    return { pid, parent: 0, resident: 0 };
  }
}

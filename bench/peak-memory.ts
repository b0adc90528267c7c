/** The peak memory of this process, in bytes. */
import { readFileSync } from "node:fs";

/** From /proc, since getrusage counts the parent's memory before exec as the child's. */
export function peakMemory(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

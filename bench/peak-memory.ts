/** Measures memory. */
import { readFileSync } from "node:fs";

/** The peak memory of this process in bytes. From /proc, since getrusage includes the parent's memory before exec. */
export function peakMemory(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kilobytes) * 1024;
}

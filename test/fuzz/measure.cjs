/** Preloaded into a command: at a normal exit, writes its peak memory and processor time to the file IMGC_COST. */
const { readFileSync, writeFileSync } = require("node:fs");

process.on("exit", () => {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  const cost = { kilobytes: Number(kilobytes), seconds: (userCPUTime + systemCPUTime) / 1e6 };
  writeFileSync(process.env.IMGC_COST, JSON.stringify(cost));
});

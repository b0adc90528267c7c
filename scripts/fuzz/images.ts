/** Runs commands that read images on odd and damaged images, until the time is up. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { acceptAll, tryImage, type Trial } from "../../test/fuzz/try-images.ts";

/** The number of commands per image. */
const COMMANDS = 3;

export async function fuzzImages(seconds: number, seed: number): Promise<void> {
  const end = performance.now() + seconds * 1000;
  const hasSkopeo = spawnSync("skopeo", ["--version"]).status === 0;
  const registry = hasSkopeo ? await acceptAll() : undefined;
  let next = seed;
  let images = 0;
  const trials: Trial[] = [];
  const work = async () => {
    while (performance.now() < end) {
      const made = await tryImage(next++, COMMANDS, registry?.address);
      images++;
      for (const trial of made) {
        trials.push({ ...trial });
        if (trial.problems.length === 0) continue;
        process.stdout.write(
          `${trial.command} (npm run fuzz images 1 ${trial.seed})\n  ${trial.problems.join("\n  ")}\n`,
        );
      }
    }
  };
  // Leave one processor free, so that the measured times stay meaningful.
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism() - 1) }, work));
  registry?.server.close();
  report(trials, images, seed);
}

function report(trials: Trial[], images: number, seed: number): void {
  const most = (of: (trial: Trial) => number) => trials.reduce((max, trial) => Math.max(max, of(trial)), 0);
  const wrong = trials.filter(({ problems }) => problems.length > 0).length;
  const refused = trials.filter(({ code }) => code === 1).length;
  process.stdout.write(
    `${trials.length} commands tried on ${images} images from seed ${seed}: ${refused} exits with 1, ${wrong} wrong\n` +
      `maximum: ${most(({ seconds }) => seconds).toFixed(1)} s, ${most(({ cpu }) => cpu).toFixed(1)} s of processor time, ` +
      `${most(({ megabytes }) => megabytes).toFixed(0)} MB\n`,
  );
  if (wrong > 0) process.exitCode = 1;
}

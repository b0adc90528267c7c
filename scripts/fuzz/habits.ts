/**
 * Breaks valid descriptions by habits from other languages until the time is up, and checks the first diagnostic and the
 * fixes of each. The descriptions are written and random ones.
 */
import { breaksOf, problemOf, validTexts } from "../../test/fixes/breaks.ts";
import { HABITS } from "../../test/fixes/habits.ts";

/** The number of random descriptions that are broken at all places before others are made. */
const ROUND = 200;

export async function fuzzHabits(seconds: number, seed: number): Promise<void> {
  const until = Date.now() + seconds * 1000;
  let tried = 0;
  for (let round = seed; Date.now() < until; round += 1)
    for (const text of await validTexts(ROUND, round))
      for (const habit of Object.keys(HABITS))
        for (const broken of breaksOf(text, habit)) {
          if (Date.now() >= until) break;
          const problem = await problemOf(broken);
          tried += 1;
          if (problem !== undefined) throw new Error(`seed ${round}, ${habit}: ${problem}\n---\n${broken.text}`);
        }
  process.stdout.write(`${tried} broken descriptions checked\n`);
}

/**
 * `npm run fuzz [SECONDS]` tests damaged texts, `npm run fuzz habits [SECONDS] [SEED]` texts with habits from other
 * languages and their fixes, and `npm run fuzz images [SECONDS] [SEED]` damaged images, until the time is up. All print the number of tries, and after a failure the seed that reproduces the failure.
 */
const [first, ...others] = process.argv.slice(2);
const [seconds, seed] = [Number(others[0] ?? 60), Number(others[1] ?? Date.now() % 1e9)];
if (first === "images") {
  const { fuzzImages } = await import("./fuzz/images.ts");
  await fuzzImages(seconds, seed);
} else if (first === "habits") {
  const { fuzzHabits } = await import("./fuzz/habits.ts");
  await fuzzHabits(seconds, seed);
} else {
  const { fuzzTexts } = await import("./fuzz/texts.ts");
  fuzzTexts(Number(first ?? 60));
}

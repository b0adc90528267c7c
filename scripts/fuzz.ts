/**
 * `npm run fuzz [SECONDS]` damages texts, `npm run fuzz images [SECONDS] [SEED]` images, until the time is up. Each says how
 * many it tried, and with which seed to try again what went wrong.
 */
const [first, ...others] = process.argv.slice(2);
if (first === "images") {
  const { fuzzImages } = await import("./fuzz/images.ts");
  await fuzzImages(Number(others[0] ?? 60), Number(others[1] ?? Date.now() % 1e9));
} else {
  const { fuzzTexts } = await import("./fuzz/texts.ts");
  fuzzTexts(Number(first ?? 60));
}

/**
 * `npm run fuzz [SECONDS]` tests damaged texts, and `npm run fuzz images [SECONDS] [SEED]` damaged images, until the
 * time is up. Both print the number of tries, and after a failure the seed that reproduces the failure.
 */
const [first, ...others] = process.argv.slice(2);
if (first === "images") {
  const { fuzzImages } = await import("./fuzz/images.ts");
  await fuzzImages(Number(others[0] ?? 60), Number(others[1] ?? Date.now() % 1e9));
} else {
  const { fuzzTexts } = await import("./fuzz/texts.ts");
  fuzzTexts(Number(first ?? 60));
}

/** This machine's platform, by what Node calls its architecture. */
const ARCHITECTURES: Record<string, string> = {
  x64: "amd64",
  ia32: "386",
  arm: "arm/v7",
  ppc64: "ppc64le",
  mipsel: "mipsle",
};
export const OWN = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;

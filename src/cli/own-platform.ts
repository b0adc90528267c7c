/** This machine's platform, by what Node calls its architecture. */
const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm: "arm/v7" };
export const OWN = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;

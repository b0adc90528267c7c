/** The platform of this machine, as images name it. */

const ARCHITECTURES: Record<string, string> = {
  x64: "amd64",
  ia32: "386",
  arm: "arm/v7",
  ppc64: "ppc64le",
  mipsel: "mipsle",
};

export const MACHINE_PLATFORM = `linux/${ARCHITECTURES[process.arch] ?? process.arch}`;

/** A machine that has Nix and an empty store, whatever this one has. */
import { folder, IMGC, tool, type Output } from "./tools.ts";

export interface Fresh {
  /** What stands where /nix is. */
  nix: string;
  imgc(...args: string[]): Promise<Output>;
  run(program: string, ...args: string[]): Promise<Output>;
}

/** `settings`: lines of nix.conf. */
export function freshMachine(settings: string, env: Record<string, string> = {}): Fresh {
  const nix = folder();
  const run = (...args: string[]) =>
    tool("unshare", ["--mount", "bash", "-c", 'mount --bind "$0" /nix && exec "$@"', nix, ...args], {
      ...env,
      NIX_CONFIG: `${process.env["NIX_CONFIG"]}\n${settings}`,
    });
  return { nix, run, imgc: (...args) => run(process.execPath, IMGC, ...args) };
}

/** Makes signatures with a private key, or with a command of the user that has access to the key. */
import { spawn } from "node:child_process";
import { createPublicKey, sign, type KeyObject } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { EXIT, ImgcError } from "../util/errors.ts";
import { endProcesses } from "../util/end-processes.ts";
import { ToolError } from "../util/run-tool.ts";
import { pemLabels, PRIVATE_KEY, readKeyFile } from "./pem.ts";
import { parsePrivateKey } from "./private-key.ts";
import { digestAlgorithm, isSignedBy, readPublicKey, requireSupported, type PublicKey } from "./public-key.ts";

export interface Signer {
  publicKey: PublicKey;
  /** ECDSA signatures are in DER; RSA's are PKCS#1 v1.5. */
  sign: (bytes: Buffer) => Promise<Buffer>;
}

export interface SignerOptions {
  /** A shell command that reads the bytes to sign and writes the signature; the key file is then a public key. */
  command: string | undefined;
  password: string | undefined;
  signal: AbortSignal;
}

export function readSigner(file: string, { command, password, signal }: SignerOptions): Signer {
  if (command !== undefined) {
    const publicKey = readPublicKey(file);
    return { publicKey, sign: async (bytes) => await signByCommand(command, publicKey, bytes, signal) };
  }
  const key = readPrivateKey(file, password);
  requireSupported(key, file);
  return {
    publicKey: { file, key: createPublicKey(key) },
    sign: (bytes) => Promise.resolve(sign(digestAlgorithm(key), bytes, key)),
  };
}

function readPrivateKey(file: string, password: string | undefined): KeyObject {
  const pem = readKeyFile(file, PRIVATE_KEY);
  const [label, ...others] = pemLabels(pem);
  if (others.length === 0 && label?.endsWith("PUBLIC KEY") === true)
    throw new ImgcError(
      EXIT.usage,
      `${file} is a public key; give the private key, or with --sign-command the command that signs`,
    );
  return parsePrivateKey(pem, file, password);
}

/** The command's output may be the signature itself, or its base64. */
async function signByCommand(
  command: string,
  publicKey: PublicKey,
  bytes: Buffer,
  signal: AbortSignal,
): Promise<Buffer> {
  const output = await run(command, bytes, signal);
  const decoded = Buffer.from(output.toString("latin1"), "base64");
  const signature = [output, decoded].find((each) => isSignedBy(publicKey, bytes, each));
  if (signature !== undefined) return signature;
  throw new ToolError(
    `--sign-command wrote ${output.length} bytes, which are no signature of its input by the key ${publicKey.file}`,
  );
}

async function run(command: string, input: Buffer, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const child = spawn("sh", ["-c", command], { stdio: ["pipe", "pipe", "inherit"] });
  const { pid } = child;
  const onAbort = () => pid !== undefined && endProcesses(pid);
  signal.addEventListener("abort", onAbort);
  const ended = new Promise<string>((resolve, reject) =>
    child
      .once("error", reject)
      .once("close", (code, killed) => resolve(code === null ? `by the signal ${killed}` : `with exit code ${code}`)),
  );
  // The command may end before it reads its input; its exit code tells why.
  child.stdin.on("error", () => {}).end(input);
  const [output, end] = await Promise.all([buffer(child.stdout), ended]).finally(() =>
    signal.removeEventListener("abort", onAbort),
  );
  signal.throwIfAborted();
  if (end !== "with exit code 0") throw new ToolError(`--sign-command ended ${end}: ${command}`);
  return output;
}

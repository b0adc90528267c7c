/** Recognizes the usual names of files with secrets. */
const SECRET = new RegExp(
  [
    String.raw`\.env(?:rc|\..+)?`,
    String.raw`id_(?:rsa|dsa|ecdsa|ed25519)(?:_sk)?`,
    String.raw`.+\.(?:pem|key|p12|pfx|jks|keystore|ppk|kdbx)`,
    String.raw`[._]netrc|\.pgpass|\.git-credentials|\.htpasswd|\.dockercfg|\.npmrc|\.pypirc|\.vault-token`,
    String.raw`(?:credentials|secrets?)(?:\.(?:json|ya?ml|toml|ini))?`,
    String.raw`.+\.tfstate`,
  ]
    .map((each) => `^(?:${each})$`)
    .join("|"),
  "i",
);
/** Names of sample files, which repositories contain in place of the secret file. */
const SAMPLE = /[._-](?:example|sample|template|dist|defaults?)$/i;

/** Whether the last part of a path is a usual name of a file with secrets. */
export function looksSecret(name: string): boolean {
  return SECRET.test(name) && !SAMPLE.test(name);
}

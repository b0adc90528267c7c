/** Linux capabilities (capability.h) as descriptions write them; the index is the capability's number. */
export const CAPABILITIES = [
  "chown",
  "dac-override",
  "dac-read-search",
  "fowner",
  "fsetid",
  "kill",
  "setgid",
  "setuid",
  "setpcap",
  "linux-immutable",
  "net-bind-service",
  "net-broadcast",
  "net-admin",
  "net-raw",
  "ipc-lock",
  "ipc-owner",
  "sys-module",
  "sys-rawio",
  "sys-chroot",
  "sys-ptrace",
  "sys-pacct",
  "sys-admin",
  "sys-boot",
  "sys-nice",
  "sys-resource",
  "sys-time",
  "sys-tty-config",
  "mknod",
  "lease",
  "audit-write",
  "audit-control",
  "setfcap",
  "mac-override",
  "mac-admin",
  "syslog",
  "wake-alarm",
  "block-suspend",
  "audit-read",
  "perfmon",
  "bpf",
  "checkpoint-restore",
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Revision 2 of the format of `security.capability`, and the flag that makes permitted capabilities effective at exec. */
const REVISION_2 = 0x0200_0000;
const EFFECTIVE = 1;

/**
 * The value of a file's `security.capability` attribute (struct vfs_cap_data): a process that executes the file has these
 * capabilities, permitted and effective.
 */
export function capabilityAttribute(names: readonly Capability[]): Buffer {
  const value = Buffer.alloc(20);
  value.writeUInt32LE(REVISION_2 | EFFECTIVE, 0);
  for (const name of names) {
    const number = CAPABILITIES.indexOf(name);
    // Five 32-bit words: revision and flags; permitted 0–31; inheritable 0–31; permitted 32–63; inheritable 32–63.
    const word = number < 32 ? 4 : 12;
    value.writeUInt32LE((value.readUInt32LE(word) | (1 << (number % 32))) >>> 0, word);
  }
  return value;
}

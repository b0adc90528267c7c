/** Names and texts of files, images and registries may tell a terminal what to do; as part of a message they must not. */
export function printable(message: string): string {
  return message.replaceAll(/[^\n\t\P{Cc}]/gu, "�");
}

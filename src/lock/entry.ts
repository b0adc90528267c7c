/** What a section of the lock has for a name; one such as `constructor` is in every object, but no entry. */
export function entryOf<T>(section: Record<string, T>, name: string): T | undefined {
  return Object.hasOwn(section, name) ? section[name] : undefined;
}

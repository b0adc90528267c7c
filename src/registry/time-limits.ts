/** How long imgc waits for registries, in milliseconds. */

/** The delay before each retry. */
export const RETRY_DELAYS: readonly number[] = [1000, 3000, 9000];
/** An attempt to read ends if no byte arrives for this long. skopeo waits for a registry's limit of requests by itself, for 62 s. */
export const READ_SILENCE = 90_000;
/** An attempt to push ends if nothing moves for this long: a registry may check gigabytes before it answers. */
export const PUSH_SILENCE = 300_000;

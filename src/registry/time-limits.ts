/** Time limits and delays for registries, in milliseconds. */

/** The delay before each retry. */
export const RETRY_DELAYS: readonly number[] = [1000, 3000, 9000];
/**
 * An attempt to read ends after this time without a byte. It is longer than the 62 s for which skopeo itself repeats a
 * request after the status 429.
 */
export const READ_SILENCE = 90_000;
/**
 * An attempt to push ends after this time without progress. It is long, since a registry may check gigabytes before it
 * answers.
 */
export const PUSH_SILENCE = 300_000;
/** If a registry limits requests, skopeo may wait for this time in all without progress. */
export const MAX_WAIT = 60_000;
/** Shorter waits are not reported. */
export const SHORT_WAIT = 500;

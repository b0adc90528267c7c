/** Passes one stream to several readers. */

/**
 * A branch of the stream for each of `count` readers. All readers must read at the same time: the stream makes its next piece only
 * when every reader has asked for it, so the next piece may overwrite the one before.
 */
export function tee<T>(pieces: Iterable<T>, count: number): AsyncGenerator<T, void, undefined>[] {
  const iterator = pieces[Symbol.iterator]();
  let turn = Promise.withResolvers<IteratorResult<T>>();
  let asking = 0;
  const next = async (): Promise<IteratorResult<T>> => {
    const { promise, resolve, reject } = turn;
    asking += 1;
    if (asking === count) {
      turn = Promise.withResolvers();
      asking = 0;
      try {
        resolve(iterator.next());
      } catch (error) {
        reject(error);
      }
    }
    return await promise;
  };
  async function* branch(): AsyncGenerator<T, void, undefined> {
    for (let piece = await next(); piece.done !== true; piece = await next()) yield piece.value;
  }
  return Array.from({ length: count }, branch);
}

/** Passes one stream to several readers. */

interface Branch<T> extends AsyncIterable<T> {
  next: () => Promise<IteratorResult<T, void>>;
  return: () => Promise<IteratorResult<T, void>>;
}

const END: IteratorReturnResult<void> = { done: true, value: undefined };

/**
 * A branch of the stream for each of `count` readers. All readers must read at the same time: the stream makes its next piece only
 * when every reader has asked for it, so the next piece may overwrite the one before. A reader that stops before the end must call
 * `return` of its branch, as a loop does. The other readers then read on, and the last reader that stops closes the stream.
 */
export function tee<T>(pieces: Iterable<T>, count: number): Branch<T>[] {
  const iterator = pieces[Symbol.iterator]();
  const reading = new Set(Array(count).keys());
  const asking = new Set<number>();
  let turn = Promise.withResolvers<IteratorResult<T, void>>();
  const advance = () => {
    if (asking.size < reading.size) return;
    const { resolve, reject } = turn;
    turn = Promise.withResolvers();
    asking.clear();
    try {
      resolve(reading.size > 0 ? iterator.next() : (iterator.return?.() ?? END));
    } catch (error) {
      reject(error);
    }
  };
  const branch = (reader: number): Branch<T> => ({
    next: async () => {
      if (!reading.has(reader)) return END;
      const { promise } = turn;
      asking.add(reader);
      advance();
      return await promise;
    },
    return: async () => {
      if (!reading.delete(reader)) return END;
      asking.delete(reader);
      const { promise } = turn;
      advance();
      if (reading.size === 0) await promise;
      return END;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  });
  return Array.from({ length: count }, (_, reader) => branch(reader));
}

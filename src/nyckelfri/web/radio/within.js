/**
 * No wait without an end.
 *
 * House rule: what is given up may still fail later; nobody is told of that any more.
 */

/** What `promise` gives, unless `milliseconds` pass or the signal comes first: then rejects with
 * what `gaveUp` makes of the reason.
 * @template T
 * @param {Promise<T>} promise
 * @param {number | null} milliseconds null: only the signal ends it
 * @param {AbortSignal | undefined} signal
 * @param {(why: 'no answer' | 'given up') => Error} gaveUp
 * @returns {Promise<T>}
 */
export function within(promise, milliseconds, signal, gaveUp) {
  return new Promise((resolve, reject) => {
    const stop = () => over(() => reject(gaveUp('given up')));
    const timer =
      milliseconds === null
        ? undefined
        : setTimeout(() => over(() => reject(gaveUp('no answer'))), milliseconds);
    /** @param {() => void} settle */
    const over = (settle) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
      settle();
    };
    promise.then(
      (value) => over(() => resolve(value)),
      (error) => over(() => reject(error)),
    );
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop);
  });
}

/** Answers a function that runs what it is given one after another, in the order asked, whether the one before failed or not. */
export function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let tail: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = tail.then(work)
    tail = mine.catch(() => {})
    return mine
  }
}

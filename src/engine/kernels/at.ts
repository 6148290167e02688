/** For a tuple that an op is known to give: the element, or the bug. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error(`Expected at least ${index + 1} elements, found ${list.length}.`)
  return item
}

/** The last element, or the bug. */
export function lastOf<T>(list: readonly T[]): T {
  return at(list, list.length - 1)
}

/** Seconds, as people say them: `a day`, `30 days`, `90 minutes`. */
export function spanWords(seconds: number): string {
  const [size, name] = (
    [
      [86_400, 'day'],
      [3_600, 'hour'],
      [60, 'minute'],
      [1, 'second'],
    ] as const
  ).find(([length]) => seconds % length === 0)!
  const count = seconds / size
  return count === 1 ? `a ${name}` : `${count} ${name}s`
}

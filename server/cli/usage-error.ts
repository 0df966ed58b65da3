/** A command was called in a way that it cannot be; the message says what is wrong. */
export class UsageError extends Error {}

/** A variable that a command cannot do without. @throws UsageError */
export function required(name: string): string {
  const value = process.env[name]
  if (!value) throw new UsageError(`${name} is missing`)
  return value
}

import { createHash } from 'node:crypto'

/** A short name for what the parts name together, the same every time. */
export function hashOf(...parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

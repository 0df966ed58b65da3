import type { RateLimit } from './options.ts'

export type RateLimiter = ReturnType<typeof createRateLimiter>

const minute = 60_000

/** Counts requests in windows of a minute that start with a project's first request, as the published limits are counted. */
export function createRateLimiter(limit: RateLimit | 'unlimited') {
  const windows = new Map<string, { started: number; used: number }>()
  let ahead = 0

  return {
    /** Null when the request may pass, else the milliseconds until the next window. */
    take(projectId: string, kind: keyof RateLimit): number | null {
      if (limit === 'unlimited') return null
      const now = Date.now() + ahead
      const key = `${projectId} ${kind}`
      let window = windows.get(key)
      if (!window || now >= window.started + minute) {
        window = { started: now, used: 0 }
        windows.set(key, window)
      }
      if (window.used >= limit[kind]) return window.started + minute - now
      window.used += 1
      return null
    },
    set(next: RateLimit | 'unlimited') {
      limit = next
      windows.clear()
    },
    /** Lets the limiter's clock run ahead, so that a test need not wait a minute. */
    advance(milliseconds: number) {
      ahead += milliseconds
    },
    reset() {
      windows.clear()
    },
  }
}

import { ProviderError } from '../wallet-provider.ts'
import type { Clock } from './clock.ts'

/** Tokens for `size` requests in any `period` milliseconds: a token is back one period after it was taken. */
export interface TokenBucket {
  /**
   * Takes so many tokens together, first come first served. Resolves with the time they were taken.
   *
   * @throws ProviderError `unavailable` / `rate_limited` with `retryAfter`, at once, when the wait would be longer than
   *   `maximumWait` milliseconds; `unavailable` / `stopped` when the signal is aborted.
   */
  take(count: number, options?: { maximumWait?: number; signal?: AbortSignal }): Promise<number>
  /** Puts back one unused token that was taken at that time. */
  giveBack(takenAt: number): void
  /** Gives no token for so many milliseconds: the provider says that we are too fast. */
  pause(milliseconds: number): void
}

interface Waiter {
  count: number
  grant(takenAt: number): void
}

/** `size: Infinity` limits nothing but still obeys `pause`. */
export function createTokenBucket({
  size,
  period,
  clock,
}: {
  size: number
  period: number
  clock: Clock
}): TokenBucket {
  const taken: number[] = [] // times, oldest first; never more than `size`
  const waiting: Waiter[] = []
  let pausedUntil = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | null = null

  function forget(now: number) {
    while (taken.length > 0 && taken[0]! <= now - period) taken.shift()
  }

  /** When the last of `count` tokens is free; an estimate where that is more than all there are. */
  function freeAt(now: number, count: number): number {
    const missing = count - (size - taken.length)
    if (missing <= 0) return Math.max(now, pausedUntil)
    if (missing <= taken.length) return Math.max(pausedUntil, taken[missing - 1]! + period)
    return Math.max(now, pausedUntil) + Math.ceil((missing - taken.length) / size) * period
  }

  function record(now: number, count: number) {
    if (size !== Number.POSITIVE_INFINITY) for (let index = 0; index < count; index++) taken.push(now)
  }

  function serve() {
    cancelTimer?.()
    cancelTimer = null
    for (let head = waiting[0]; head; head = waiting[0]) {
      const now = clock.now()
      forget(now)
      const free = freeAt(now, head.count)
      if (free > now) {
        cancelTimer = clock.after(Math.ceil(free - now), serve)
        return
      }
      waiting.shift()
      record(now, head.count)
      head.grant(now)
    }
  }

  return {
    async take(wanted, { maximumWait = Number.POSITIVE_INFINITY, signal } = {}) {
      if (signal?.aborted) throw stopped(signal)
      const count = Math.min(wanted, size)
      const now = clock.now()
      forget(now)
      const ahead = waiting.reduce((sum, waiter) => sum + waiter.count, 0)
      const free = freeAt(now, ahead + count)
      if (waiting.length === 0 && free <= now) {
        record(now, count)
        return now
      }
      if (free - now > maximumWait) {
        throw new ProviderError('unavailable', 'rate_limited', 'Our own request limit is used up', {
          retryAfter: Math.ceil(free - now),
        })
      }
      return new Promise<number>((resolve, reject) => {
        const leave = () => {
          waiting.splice(waiting.indexOf(waiter), 1)
          reject(stopped(signal))
          serve()
        }
        const waiter: Waiter = {
          count,
          grant(takenAt) {
            signal?.removeEventListener('abort', leave)
            resolve(takenAt)
          },
        }
        signal?.addEventListener('abort', leave, { once: true })
        waiting.push(waiter)
        serve()
      })
    },
    giveBack(takenAt) {
      const index = taken.lastIndexOf(takenAt)
      if (index >= 0) taken.splice(index, 1)
      serve()
    },
    pause(milliseconds) {
      pausedUntil = Math.max(pausedUntil, clock.now() + milliseconds)
      serve()
    },
  }
}

function stopped(signal: AbortSignal | undefined): ProviderError {
  return new ProviderError('unavailable', 'stopped', 'The service is stopping', { cause: signal?.reason })
}

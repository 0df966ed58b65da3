import { DomainError } from '../domain-error.ts'
import type { AppPrincipal } from '../principal.ts'

/** How many streams may be open at a time in one process. */
export interface StreamLimits {
  /** Of one user, in all their browsers. */
  user: number
  /** Of all API keys of an app. */
  app: number
  all: number
}

export const streamLimits: StreamLimits = { user: 20, app: 200, all: 5_000 }

/** A place among the open streams, given back when it is disposed. */
export interface OpenStream extends Disposable {
  /** The stream is over. */
  readonly signal: AbortSignal
  end(): void
}

/** The streams that are open in this process. */
export interface Streams {
  /** @throws RATE_LIMITED where too many are open (details: `retryAfterSeconds`) */
  enter(principal: AppPrincipal): OpenStream
  /** Ends all, and whatever comes later at once. */
  endAll(): void
}

/** @param onChange told how many are open */
export function openStreams(limits: StreamLimits, onChange: (open: number) => void): Streams {
  const open = new Map<string, Set<AbortController>>()
  let all = 0
  let closed = false

  return {
    enter(principal) {
      const [name, limit] =
        principal.kind === 'user' ? [`user:${principal.userId}`, limits.user] : [`app:${principal.appId}`, limits.app]
      const theirs = open.get(name) ?? new Set()
      if (theirs.size >= limit)
        throw tooMany(
          `You have ${limit} live streams open, and more are not given. Share one between your pages or workers, or close those that nobody reads.`,
        )
      if (all >= limits.all)
        throw tooMany(
          'This instance has as many live streams open as it takes. Try again in a moment, or read events.list.',
        )
      const controller = new AbortController()
      if (closed) controller.abort()
      open.set(name, theirs.add(controller))
      onChange(++all)
      return {
        signal: controller.signal,
        end: () => controller.abort(),
        [Symbol.dispose]() {
          if (!theirs.delete(controller)) return
          if (theirs.size === 0) open.delete(name)
          onChange(--all)
        },
      }
    },

    endAll() {
      closed = true
      for (const theirs of open.values()) for (const controller of theirs) controller.abort()
    },
  }
}

const tooMany = (message: string) => new DomainError('RATE_LIMITED', message, { retryAfterSeconds: 5 })

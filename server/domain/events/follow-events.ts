import type { ServiceEvent } from '../../contract/events.ts'
import type { Services } from '../../services.ts'
import { DomainError } from '../domain-error.ts'
import { type AppPrincipal, confinedTo, overseers, type Principal } from '../principal.ts'
import { readSpan } from './live-feed.ts'
import { typesNamed } from './types.ts'
import { visibleTo } from './visible-to.ts'

/** What is followed: by type and object; from behind a place, or from now on. */
export interface Wish {
  lastEventId?: string | undefined
  /** As `typesNamed` reads them. */
  types?: readonly string[] | undefined
  objectId?: string | undefined
}

/** What a stream needs to know of the connection it goes over. */
export interface Line {
  /** The caller is gone. */
  signal: AbortSignal
  /** Who calls, looked up and let in anew. @throws as that does */
  admitted(): Promise<Principal>
}

/** A feed that is followed. */
export interface Following {
  /** The place that it begins behind. */
  begins: bigint
  events: AsyncGenerator<ServiceEvent, void>
  /** The place up to which all has been looked through and told. Whoever is told little goes on from there. */
  place(): bigint
}

/** How many places are looked through at a time by whoever is behind. */
const SPAN = 500n

/**
 * Follows the feed of the caller's app: all that they may see after `lastEventId`, in its order, each once; without it, from now on.
 * It ends with an `AbortError`, to be gone on with behind the last event, when this process stops or the caller is not who they were:
 * whether they still may is found when they come again.
 *
 * @throws INVALID_INPUT for a place that the feed has not come to, RATE_LIMITED where too many streams are open
 */
export async function followEvents(
  services: Services,
  principal: AppPrincipal,
  { lastEventId, types, objectId }: Wish,
  { signal, admitted }: Line,
): Promise<Following> {
  const { db, liveFeed, streams, patience } = services
  using opening = new DisposableStack()
  const { signal: over, end } = opening.use(streams.enter(principal))
  const follower = opening.use(await liveFeed.follow(principal.appId))
  const start = lastEventId === undefined ? follower.head() : BigInt(lastEventId)
  if (start > follower.head())
    throw new DomainError(
      'INVALID_INPUT',
      `The feed of your app has not come to ${start}: that is the id of none of its events. Give the last that you have seen, or none.`,
    )

  const view = viewOf(principal)
  const checking = setInterval(() => {
    admitted().then(
      (now) => viewOf(now) === view || end(),
      // a database that is away says nothing about the caller, and tells them nothing either
      (error) => error instanceof DomainError && end(),
    )
  }, patience.streamCheck)
  opening.defer(() => clearInterval(checking))
  const open = opening.move()
  over.addEventListener('abort', () => open.dispose())
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  if (over.aborted) open.dispose()

  const visible = visibleTo(principal)
  const named = types ? typesNamed(types) : null
  const wanted = (event: ServiceEvent) =>
    (named === null || named.has(event.type)) && (objectId === undefined || event.objectId === objectId)

  let position = start
  async function* follow(): AsyncGenerator<ServiceEvent, void> {
    try {
      for (;;) {
        await follower.news(position, over)
        over.throwIfAborted()
        const head = follower.head()
        const recent = follower.recent(position)
        const upTo = recent || head - position < SPAN ? head : position + SPAN
        const events = recent
          ? recent.filter(({ owned }) => visible.includes(owned)).map(({ event }) => event)
          : await readSpan(db, { appId: principal.appId, visible, after: position, upTo })
        for (const event of events) {
          if (!wanted(event)) continue
          over.throwIfAborted()
          yield event
        }
        position = upTo
      }
    } finally {
      end()
    }
  }
  return { begins: start, events: follow(), place: () => position }
}

/** Who calls and what they see, so that a change of either is noticed. */
const viewOf = (principal: Principal): string =>
  principal.kind === 'system'
    ? principal.name
    : [principal.kind, principal.appId, principal.kind === 'user' && principal.userId, isConfined(principal)].join()

const isConfined = (principal: Exclude<Principal, { kind: 'system' }>): boolean =>
  principal.appId === null || confinedTo(principal as AppPrincipal, overseers) !== null

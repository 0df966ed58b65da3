import * as z from 'zod'
import { followEvents } from '../domain/events/follow-events.ts'
import { getEvent } from '../domain/events/get-event.ts'
import { listEvents } from '../domain/events/list-events.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/events.ts'
import { procedure } from '../trpc.ts'

export const events = {
  /** Returns one event by its id. */
  get: procedure({ for: ['user', 'service'], scope: 'events:read', limit: 'read' })
    .input(z.object({ eventId: schema.eventId }))
    .output(schema.event)
    .query(({ ctx, input }) => getEvent(ctx.services, ctx.principal, input)),

  /** Lists what happened in the app, in the order of its feed. Whoever asks again with `nextCursor` misses nothing. */
  list: procedure({ for: ['user', 'service'], scope: 'events:read', limit: 'read' })
    .input(
      z.object({
        types: schema.typeNames.optional(),
        objectType: schema.objectType.optional(),
        objectId: common.id.optional(),
        from: common.momentInput.optional(),
        to: common.momentInput.optional(),
        order: z.enum(['oldest', 'newest']).default('oldest'),
        cursor: schema.position.nullish(),
        limit: z.int().min(1).max(100).default(100),
      }),
    )
    .output(schema.eventPage)
    .query(({ ctx, input }) => listEvents(ctx.services, ctx.principal, input)),

  /**
   * Tells what happens as it happens, in the order of the feed and each event once: all behind `lastEventId`, the position of the last
   * event seen; without it, from now on.
   */
  on: procedure({ for: ['user', 'service'], scope: 'events:read', limit: 'read' })
    .input(
      z
        .object({
          lastEventId: schema.position.optional(),
          types: schema.typeNames.optional(),
          objectId: common.id.optional(),
        })
        .default({}),
    )
    .subscription(async ({ ctx, input }) =>
      ctx.tell(await followEvents(ctx.services, ctx.principal, input, { signal: ctx.left, admitted: ctx.admitted })),
    ),
}

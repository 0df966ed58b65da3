import * as z from 'zod'
import { addListEntry } from '../domain/lists/add-list-entry.ts'
import { listEntries } from '../domain/lists/list-entries.ts'
import { removeListEntry } from '../domain/lists/remove-list-entry.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

export const lists = {
  /** Puts an address on a deny list: no payment from or to it is accepted or submitted from then on. */
  add: procedure({ for: ['officer', 'service'], scope: 'lists:write', limit: 'write' })
    .input(
      z.object({
        list: common.listName,
        address: common.addressInput,
        reason: common.reason,
        source: common.reason.default('app'),
      }),
    )
    .output(schema.listEntry)
    .mutation(({ ctx, input }) => addListEntry(ctx.services, ctx.principal, input)),

  /** Takes an entry off its list. */
  remove: procedure({ for: ['officer', 'service'], scope: 'lists:write', limit: 'write' })
    .input(z.object({ entryId: common.id }))
    .output(schema.listEntry)
    .mutation(({ ctx, input }) => removeListEntry(ctx.services, ctx.principal, input)),

  /** Lists entries, newest first; with `removed`, those that were taken off as well. */
  entries: procedure({ for: ['officer', 'auditor', 'operator', 'service'], scope: 'lists:read', limit: 'read' })
    .input(
      common.pageRequest.extend({
        list: common.listName.optional(),
        address: common.addressInput.optional(),
        removed: z.boolean().default(false),
      }),
    )
    .output(common.pageOf(schema.listEntry))
    .query(({ ctx, input }) => listEntries(ctx.services, ctx.principal, input)),
}

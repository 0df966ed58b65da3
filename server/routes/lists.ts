import * as z from 'zod'
import { addListEntry } from '../domain/lists/add-list-entry.ts'
import { createList } from '../domain/lists/create-list.ts'
import { discardImport } from '../domain/lists/discard-import.ts'
import { importList } from '../domain/lists/import-list.ts'
import { listAt } from '../domain/lists/list-at.ts'
import { listEntries } from '../domain/lists/list-entries.ts'
import { listImports, previewImport } from '../domain/lists/list-imports.ts'
import { listLists } from '../domain/lists/list-lists.ts'
import { publishImport } from '../domain/lists/publish-import.ts'
import { removeListEntry } from '../domain/lists/remove-list-entry.ts'
import * as common from '../schemas/common.ts'
import * as schema from '../schemas/entities.ts'
import { procedure } from '../trpc.ts'

const read = { for: ['officer', 'auditor', 'operator', 'service'], scope: 'lists:read', limit: 'read' } as const
const write = { for: ['officer', 'service'], scope: 'lists:write', limit: 'write' } as const

const reading = { list: common.listName.optional(), subject: common.subjectInput.optional() }
const period = {
  validFrom: common.momentInput.nullable().default(null),
  validUntil: common.momentInput.nullable().default(null),
}
const inOrder = ({ validFrom, validUntil }: { validFrom: Date | null; validUntil: Date | null }) =>
  !validFrom || !validUntil || validFrom < validUntil
const ends = { message: 'the period ends before it begins', path: ['validUntil'] }

export const lists = {
  /** Makes an empty list. One of this name and kind that is there already is answered with. */
  create: procedure(write)
    .input(z.object({ name: common.listName, kind: schema.listKind }))
    .output(schema.list)
    .mutation(({ ctx, input }) => createList(ctx.services, ctx.principal, input)),

  /** Lists the lists of the app, newest first. */
  list: procedure(read)
    .input(common.pageRequest)
    .output(common.pageOf(schema.list))
    .query(({ ctx, input }) => listLists(ctx.services, ctx.principal, input)),

  /**
   * Puts somebody on a list: exactly one of an address, a wallet and a user. On a deny or sanctions list they are at once; on an allow
   * list when somebody else has approved it, with `approvals.approve`. A list that there is not becomes a deny list.
   */
  add: procedure(write)
    .input(
      z
        .object({
          list: common.listName,
          address: common.addressInput.optional(),
          walletId: common.id.optional(),
          userId: common.id.optional(),
          reason: common.reason,
          source: common.reason.default('app'),
          ...period,
          idempotencyKey: common.idempotencyKey.optional(),
        })
        .refine(({ address, walletId, userId }) => [address, walletId, userId].filter(Boolean).length === 1, {
          message: 'say exactly one of address, walletId and userId',
          path: ['address'],
        })
        .refine(inOrder, ends),
    )
    .output(schema.listChange)
    .mutation(({ ctx, input }) => addListEntry(ctx.services, ctx.principal, input)),

  /** Takes an entry off its list: at once off an allow list; off others when somebody else has approved it. */
  remove: procedure(write)
    .input(z.object({ entryId: common.id, reason: common.reason, idempotencyKey: common.idempotencyKey.optional() }))
    .output(schema.listChange)
    .mutation(({ ctx, input }) => removeListEntry(ctx.services, ctx.principal, input)),

  /** Lists entries, newest first; with `removed`, also those taken off since an import replaced them all. */
  entries: procedure(read)
    .input(common.pageRequest.extend({ ...reading, removed: z.boolean().default(false) }))
    .output(common.pageOf(schema.listEntry))
    .query(({ ctx, input }) => listEntries(ctx.services, ctx.principal, input)),

  /** Lists who was on a list at a time, by subject; or tells whether one was. */
  at: procedure(read)
    .input(
      z.object({
        list: common.listName,
        at: common.momentInput,
        subject: common.subjectInput.optional(),
        cursor: common.subjectInput.nullish(),
        limit: common.pageRequest.shape.limit,
      }),
    )
    .output(common.pageOf(schema.listEntry))
    .query(({ ctx, input }) => listAt(ctx.services, ctx.principal, input)),

  /**
   * Stages up to 500 entries as everything that is to be on a list, and answers with what would change. Nothing does before they are
   * published. Longer lists are imported from a file, with `provider lists import`.
   */
  import: procedure(write)
    .input(
      z.object({
        list: common.listName,
        source: common.reason.default('app'),
        entries: z
          .array(
            z
              .object({
                subject: common.subjectInput,
                reason: common.reason,
                source: common.reason.optional(),
                ...period,
              })
              .refine(inOrder, ends),
          )
          .min(1)
          .max(500),
        idempotencyKey: common.idempotencyKey,
      }),
    )
    .output(schema.stagedImport)
    .mutation(({ ctx, input }) => importList(ctx.services, ctx.principal, input)),

  /** Lists imports, newest first. */
  imports: procedure(read)
    .input(common.pageRequest.extend({ list: common.listName.optional(), state: schema.listImportState.optional() }))
    .output(common.pageOf(schema.listImport))
    .query(({ ctx, input }) => listImports(ctx.services, ctx.principal, input)),

  /** Returns an import with the first entries that it adds, removes, changes and leaves. */
  preview: procedure(read)
    .input(z.object({ importId: common.id }))
    .output(schema.listPreview)
    .query(({ ctx, input }) => previewImport(ctx.services, ctx.principal, input)),

  /** Asks that a staged import replace what is on its list. It does once somebody else has approved it, with `approvals.approve`. */
  publish: procedure(write)
    .input(z.object({ importId: common.id, reason: common.reason, idempotencyKey: common.idempotencyKey }))
    .output(schema.requestedApproval)
    .mutation(({ ctx, input }) => publishImport(ctx.services, ctx.principal, input)),

  /** Takes a staged import back. */
  discard: procedure(write)
    .input(z.object({ importId: common.id }))
    .output(schema.listImport)
    .mutation(({ ctx, input }) => discardImport(ctx.services, ctx.principal, input)),
}

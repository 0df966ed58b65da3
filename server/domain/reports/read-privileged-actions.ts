import { field, type Reading, readActions, type Said, tally } from './reading.ts'
import type { TableFiles } from './table-files.ts'

/** What changes who may do what, or what is refused; and every word of a second person. */
export const privilegedActions = [
  'app.created',
  'app.updated',
  'api_key.created',
  'api_key.revoked',
  'api_key.rotated',
  'approval.requested',
  'approval.approved',
  'approval.rejected',
  'approval.expired',
  'user.roles_changed',
  'token.registered',
  'policy.drafted',
  'policy.published',
  'policy.retired',
  'buying_policy.drafted',
  'buying_policy.published',
  'buying_policy.retired',
  'list.created',
  'list.published',
  'list_entry.added',
  'list_entry.removed',
  'review.approved',
  'review.denied',
  'hold.placed',
  'hold.released',
] as const

/** What the summary shows of privileged actions. */
export interface PrivilegedSummary {
  total: number
  byAction: { key: string; count: number }[]
  byActor: { key: string; count: number }[]
  /** The last of them, oldest first. */
  last: readonly Said[]
}

const SHOWN = 25

/** Reads every privileged action within the period from the audit trail, oldest first, with who did it. */
export async function readPrivilegedActions(reading: Reading, files: TableFiles): Promise<PrivilegedSummary> {
  const add = files.table('privileged-actions')
  const [byAction, byActor] = [tally<string>(), tally<string>()]
  const found = await readActions(reading, privilegedActions)
  for (const { at, actor, action, type, object, data } of found) {
    byAction.add(action)
    byActor.add(actor)
    add({
      at,
      actor,
      action,
      object_type: type,
      object,
      requested_by: field(data.requestedBy),
      approval: field(data.approval),
      reason: field(data.reason ?? data.note),
      data: JSON.stringify(data),
    })
  }
  const addAction = files.table('privileged-actions-by-action')
  for (const { key, count } of byAction.entries()) addAction({ action: key, actions: count })
  const addActor = files.table('privileged-actions-by-actor')
  for (const { key, count } of byActor.entries()) addActor({ actor: key, actions: count })
  return { total: found.length, byAction: byAction.entries(), byActor: byActor.entries(), last: found.slice(-SHOWN) }
}

import { randomUUID } from 'node:crypto'
import type { Approval, ListChange, ListEntry, RequestedApproval } from '../../server/contract/entities.ts'
import { type Person, person } from './people.ts'
import type { World } from './world.ts'

/** The entry of a change that was done at once. */
export function entryOf(change: ListChange): ListEntry {
  if (change.status !== 'done') throw new Error(`The change is ${change.status}, not done`)
  return change.entry
}

/** The approval that a change waits for. */
export function approvalOf(change: ListChange): RequestedApproval {
  if (change.status !== 'requested') throw new Error(`The change is ${change.status}, not requested`)
  return change.approval
}

/** Has an officer of the app approve what somebody else asked for. */
export async function approved(world: World, { id: approvalId }: { id: string }, officer?: Person): Promise<Approval> {
  const { id: appId } = await world.client.apps.mine.query()
  const by = officer ?? (await person(world, { appId, roles: ['officer'] }))
  const { status, text, data } = await by.mutate('approvals.approve', { approvalId })
  if (status !== 200) throw new Error(`${status}: ${text}`)
  return data as Approval
}

/** Takes an entry off a list of the world's app, with the approval of an officer if that needs one. */
export async function takeOff(world: World, entryId: string): Promise<void> {
  const change = await world.client.lists.remove.mutate({ entryId, reason: 'named by mistake' })
  if (change.status === 'requested') await approved(world, change.approval)
}

/** Stages entries as the whole contents of a list, of these subjects. */
export const staged = (world: World, list: string, subjects: readonly string[]) =>
  world.client.lists.import.mutate({
    list,
    entries: subjects.map((subject) => ({ subject, reason: 'named in a file' })),
    idempotencyKey: randomUUID(),
  })

/** Asks that an import be published. */
export const publication = ({ client }: Pick<World, 'client'>, { id: importId }: { id: string }) =>
  client.lists.publish.mutate({ importId, reason: 'the new issue of the list', idempotencyKey: randomUUID() })

import { randomUUID } from 'node:crypto'
import type { Policy, Rule } from '../../server/contract/policies.ts'
import { approved } from './lists.ts'
import { type Person, person } from './people.ts'
import type { World } from './world.ts'

const officers = new WeakMap<World, Promise<Person>>()

/** An officer of the world's app: the same one each time. */
export function officerOf(world: World): Promise<Person> {
  const known = officers.get(world)
  if (known) return known
  const officer = person(world, { roles: ['officer'] })
  officers.set(world, officer)
  return officer
}

/** Drafts a policy as the app's server, asks for its publication, and has an officer approve it. */
export async function publish(world: World, ...rules: Rule[]): Promise<Policy> {
  const { client } = world
  const draft = await client.policies.draft.mutate({ rules, idempotencyKey: randomUUID() })
  const request = { policyId: draft.id, reason: 'for a test', idempotencyKey: randomUUID() }
  await approved(world, await client.policies.publish.mutate(request), await officerOf(world))
  return client.policies.get.query({ policyId: draft.id })
}

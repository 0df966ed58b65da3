import { createHash } from 'node:crypto'
import { Refusal, refuse } from './errors.ts'
import type { Creation } from './records.ts'
import type { Simulator } from './simulator.ts'

export type Once = ReturnType<typeof createOnce>

/**
 * Makes an object once under an idempotency key, which belongs to project, endpoint and wallet. Who comes again, or comes at the same
 * time, gets the object of the first.
 */
export function createOnce(simulator: Simulator) {
  const making = new Map<string, Promise<{ id: string }>>()
  const refusals = new Map<string, Refusal>()

  return async function once<Made>(
    projectId: string,
    creation: Creation,
    find: (id: string) => Made,
    make: () => Promise<{ made: Made; id: string; isNew?: boolean }>,
  ): Promise<{ made: Made; isNew: boolean }> {
    const { key, endpoint, hash } = creation
    if (key === null) {
      const { made, isNew = true } = await make()
      return { made, isNew }
    }
    const name = JSON.stringify([projectId, endpoint, key])
    await making.get(name)?.catch(() => {})
    const earlier = simulator.store.createdUnder(projectId, endpoint, key)
    if (earlier) {
      if (earlier.hash !== hash && simulator.behaviour.idempotencyMismatch === 'reject') {
        throw refuse(400, 'This idempotency key was used with another request body')
      }
      return { made: find(earlier.id), isNew: false }
    }
    const refused = refusals.get(name)
    if (refused) throw refused
    const work = make()
    making.set(name, work)
    try {
      const { made, isNew = true } = await work
      return { made, isNew }
    } catch (error) {
      if (simulator.behaviour.cacheRefusals && error instanceof Refusal) refusals.set(name, error)
      throw error
    } finally {
      making.delete(name)
    }
  }
}

export function creationOf(endpoint: string, key: string | null, body: string): Creation {
  return { endpoint, key, hash: createHash('sha256').update(body).digest('hex') }
}

import type { GrantedRole } from '../../../server/contract/callers.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import { PAGE, type Person, person } from '../../support/people.ts'
import type { World } from '../../support/world.ts'
import type { Procedure } from './calls.ts'

/** Somebody whom a procedure is for: what they send, and who they are if they signed in. */
export interface ValidCaller {
  headers: Record<string, string>
  person: Person | null
}

export const keyHeaders = (secret: string) => ({ authorization: `Bearer ${secret}` })

/** Finds somebody whom a procedure is for: an API key if it can be one, else somebody who signs in just for that. */
export async function callerFor(world: World, procedure: Pick<Procedure, 'for'>): Promise<ValidCaller> {
  const callers = procedure.for
  if (callers.includes('service')) return { headers: keyHeaders(world.apiKey), person: null }
  if (callers.includes('platform')) return { headers: keyHeaders(sandboxSecrets.operatorKey), person: null }
  if (callers.includes('anyone')) return { headers: { origin: PAGE }, person: null }
  const roles = callers.filter((caller): caller is GrantedRole => caller !== 'user').slice(0, 1)
  const somebody = await person(world, { roles: callers.includes('user') ? [] : roles })
  return { headers: somebody.headers, person: somebody }
}

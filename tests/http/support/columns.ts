import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import {
  type Caller,
  type GrantedRole,
  grantedRoles,
  roles,
  type Scope,
  scopes,
  type TokenScope,
  tokenScopes,
} from '../../../server/contract/callers.ts'
import type { Page, Session } from '../../../server/contract/entities.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import type { Clock } from '../../../server/services.ts'
import { eventually } from '../../support/eventually.ts'
import { type Person, person } from '../../support/people.ts'
import type { World } from '../../support/world.ts'
import { keyHeaders, type ValidCaller } from './callers.ts'
import { call, type Procedure } from './calls.ts'
import { worldElsewhere } from './world-of.ts'

/** What a declaration makes of a caller. */
export type Verdict = 'allowed' | 'UNAUTHENTICATED' | 'FORBIDDEN'

/** One kind of principal, and what every procedure must make of it. */
export interface Column {
  name: string
  verdict(procedure: Procedure): Verdict
  /** What it calls a procedure with. */
  caller(procedure: Procedure): Promise<ValidCaller> | ValidCaller
  /** Whether it is of another app than the one that everything is asked of. */
  stranger?: true
}

/** A clock that goes, and may be so far behind that what is made now has ended long ago. */
export interface LateClock extends Clock {
  late: number
}

export const lateClock = (): LateClock => ({
  late: 0,
  now() {
    return new Date(Date.now() - this.late)
  },
})

const MINUTE = 60_000

/** What the sessions of the matrix last, so that one is outlived that was in use all the time. */
export const sessionTimes = { SESSION_LIFETIME_MS: String(120 * MINUTE), SESSION_IDLE_MS: String(60 * MINUTE) }

/** By what a principal is; what is for anyone takes everybody. */
const as =
  (...who: Caller[]) =>
  (procedure: Procedure): Verdict =>
    procedure.for.some((caller) => caller === 'anyone' || who.includes(caller)) ? 'allowed' : 'FORBIDDEN'

/** For whom nothing is but what is for anyone. */
const never =
  (refusal: Exclude<Verdict, 'allowed'>) =>
  (procedure: Procedure): Verdict =>
    procedure.for.includes('anyone') ? 'allowed' : refusal

const isTokenScope = (scope: Scope | null): scope is TokenScope =>
  (tokenScopes as readonly (Scope | null)[]).includes(scope)

/** Every kind of principal. Those that have ended are made in the past of `clock`, which then catches up. */
export async function columnsOf(world: World, clock: LateClock): Promise<Column[]> {
  const everything = { roles: grantedRoles }
  const ended = await endedOf(world, clock)
  const elsewhere = await worldElsewhere(world)
  const [people, everybody, miniApp, stranger] = await Promise.all([
    Promise.all(roles.map((role) => person(world, { roles: role === 'user' ? [] : [role as GrantedRole] }))),
    person(world, everything),
    person(world, everything),
    person(elsewhere, everything),
  ])
  const keys = new Map<string, Promise<ValidCaller>>()
  const keyFor = (granted: readonly Scope[]): Promise<ValidCaller> => {
    const known =
      keys.get(granted.join()) ?? newKey(world, { scopes: [...granted] }).then(({ secret }) => withKey(secret!))
    keys.set(granted.join(), known)
    return known
  }
  const token = async (...granted: TokenScope[]) => withToken(miniApp, await miniApp.token(...granted))

  return [
    { name: 'nobody', verdict: never('UNAUTHENTICATED'), caller: () => ({ headers: {}, person: null }) },
    ...roles.map((role, n) => ({ name: role, verdict: as('user', role), caller: () => withCookie(people[n]!) })),
    { name: 'key of the app', verdict: as('service'), caller: () => withKey(world.apiKey) },
    { name: 'key of the platform', verdict: as('platform'), caller: () => withKey(sandboxSecrets.operatorKey) },
    {
      name: "another app's person, who is everything there",
      stranger: true,
      verdict: as(...roles),
      caller: () => withCookie(stranger),
    },
    { name: "another app's key", stranger: true, verdict: as('service'), caller: () => withKey(elsewhere.apiKey) },
    ...Object.entries(ended).map(([name, caller]) => ({
      name,
      verdict: never('UNAUTHENTICATED'),
      caller: () => caller,
    })),
    {
      name: 'key with exactly the scope',
      verdict: as('service'),
      caller: ({ scope }) => keyFor(scope ? [scope] : ['apps:read']),
    },
    {
      name: 'key with every scope but it',
      verdict: never('FORBIDDEN'),
      caller: ({ scope }) => keyFor(scopes.filter((one) => one !== scope)),
    },
    {
      name: 'token with exactly the scope',
      verdict: (procedure) =>
        procedure.scope === null || isTokenScope(procedure.scope)
          ? as(...roles)(procedure)
          : never('UNAUTHENTICATED')(procedure),
      // there is no such token for most scopes: then one that claims it all the same, signed with our key
      caller: async ({ scope }) =>
        isTokenScope(scope) ? token(scope) : withToken(miniApp, await mint(world, miniApp, scope ?? 'apps:read')),
    },
    {
      name: 'token with every scope but it',
      verdict: never('FORBIDDEN'),
      caller: ({ scope }) => token(...tokenScopes.filter((one) => one !== scope)),
    },
    {
      name: 'malformed Authorization beside a good cookie',
      verdict: never('UNAUTHENTICATED'),
      caller: () => ({
        headers: { ...everybody.headers, authorization: `Basic ${world.apiKey}` },
        person: everybody,
      }),
    },
  ] satisfies Column[]
}

const withKey = (secret: string): ValidCaller => ({ headers: keyHeaders(secret), person: null })
const withCookie = (somebody: Person): ValidCaller => ({ headers: somebody.headers, person: somebody })
const withToken = (somebody: Person, bearer: string): ValidCaller => ({
  headers: { authorization: `Bearer ${bearer}` },
  person: somebody,
})

const newKey = ({ operator, appId }: World, patch: { scopes?: Scope[]; expiresAt?: Date } = {}) =>
  operator.apiKeys.create.mutate({ appId, name: 'of the matrix', idempotencyKey: randomUUID(), ...patch })

const mint = async ({ built }: World, { userId, appId, sessionId }: Person, scope: Scope) =>
  (await built.services.tokens.mint({ userId, appId, sessionId, scopes: [scope as TokenScope] })).token

/** Sessions, keys and tokens that were good for everything, and are no more. */
async function endedOf(world: World, clock: LateClock): Promise<Record<string, ValidCaller>> {
  const { operator } = world
  const everything = { roles: grantedRoles }
  const good = async (caller: ValidCaller) => {
    const { status, text } = await call(world.url, { path: 'auth.me', type: 'query' }, undefined, caller.headers)
    expect(status, text).toBe(200)
    return caller
  }

  clock.late = 121 * MINUTE
  const outlived = await person(world, everything)
  const expired = await newKey(world, { expiresAt: new Date(clock.now().getTime() + 60 * MINUTE) })
  const expiredKey = await good(withKey(expired.secret!))
  const rotated = await newKey(world)
  await operator.apiKeys.rotate.mutate({ keyId: rotated.id, overlapSeconds: 3600, idempotencyKey: randomUUID() })
  const rotatedKey = await good(withKey(rotated.secret!))

  clock.late = 91 * MINUTE
  await isSeen(outlived, clock)

  clock.late = 61 * MINUTE
  const unused = await good(withCookie(await person(world, everything)))
  await isSeen(outlived, clock)

  clock.late = 11 * MINUTE
  await isSeen(outlived, clock)
  const holder = await person(world, everything)
  const expiredToken = await good(withToken(holder, await holder.token(...tokenScopes)))

  clock.late = 0
  await good(withCookie(holder))
  const left = await person(world, everything)
  const leftToken = await good(withToken(left, await left.token(...tokenScopes)))
  await left.mutate('auth.signOut', {})
  const revoked = await newKey(world)
  const revokedKey = await good(withKey(revoked.secret!))
  await operator.apiKeys.revoke.mutate({ keyId: revoked.id })

  return {
    'revoked session': withCookie(left),
    'session at its end, in use till then': withCookie(outlived),
    'session that nobody used': unused,
    'revoked key': revokedKey,
    'expired key': expiredKey,
    'rotated key after its overlap': rotatedKey,
    'token of a revoked session': leftToken,
    'expired token': expiredToken,
  }
}

/** Uses a session, and waits until that is noted: it is, after the answer. */
async function isSeen(somebody: Person, clock: Clock): Promise<void> {
  const since = clock.now()
  await eventually(async () => {
    const { items } = (await somebody.query('auth.sessions', {})).data as Page<Session>
    expect(items[0]!.lastSeenAt.getTime()).toBeGreaterThanOrEqual(since.getTime())
  })
}

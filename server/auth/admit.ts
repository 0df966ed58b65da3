import { scopes as allScopes, type Caller, type Scope } from '../contract/callers.ts'
import { DomainError } from '../domain/domain-error.ts'
import type { AppKeyPrincipal, PlatformPrincipal, Principal, UserPrincipal } from '../domain/principal.ts'
import { callerWords } from './caller-words.ts'
import type { Limit } from './rate-limits.ts'

/** Who a procedure is for: somebody. */
export type Callers = readonly [Caller, ...Caller[]]

/** What each procedure declares about itself. */
export interface Meta {
  /** Who may call it. */
  for: Callers
  /** What a key or token must be good for; null for what is for anyone. */
  scope: Scope | null
  /** How often one caller may. */
  limit: Limit
}

/** The principal that a procedure for these callers meets. */
export type PrincipalOf<Who extends Caller> = Who extends 'anyone'
  ? Principal | null
  : Who extends 'platform'
    ? PlatformPrincipal
    : Who extends 'service'
      ? AppKeyPrincipal
      : UserPrincipal

/**
 * Lets a caller in, or says why not.
 *
 * @throws UNAUTHENTICATED without a principal, FORBIDDEN for the wrong one or one whose scopes do not reach
 */
export function admit({ for: callers, scope }: Meta, principal: Principal | null): void {
  if (callers.includes('anyone')) return
  if (!principal)
    throw new DomainError(
      'UNAUTHENTICATED',
      'Sign in, or send a valid API key or token as "authorization: Bearer …". Yours is missing, unknown, expired or revoked.',
    )
  if (!callersOf(principal).some((caller) => callers.includes(caller)))
    throw new DomainError('FORBIDDEN', `This procedure is for ${listOf(callers)}; you are ${describe(principal)}.`, {
      for: callers,
    })
  if (principal.kind !== 'system' && principal.scopes && scope && !principal.scopes.includes(scope))
    throw new DomainError(
      'FORBIDDEN',
      `This procedure needs the scope ${scope}, which your ${principal.kind === 'user' ? 'token' : 'API key'} does not have.`,
      { scope },
    )
}

/** What a principal is, in the words of a declaration. */
function callersOf(principal: Principal): readonly Caller[] {
  switch (principal.kind) {
    case 'user':
      return ['user', ...principal.roles]
    case 'service':
      return [principal.appId === null ? 'platform' : 'service']
    case 'system':
      return []
  }
}

const list = (words: readonly string[]): string => new Intl.ListFormat('en').format(words)

const listOf = (callers: readonly Caller[]): string => list(callers.map((caller) => callerWords[caller].name))

function describe(principal: Principal): string {
  if (principal.kind === 'user') return `signed in as ${list(callersOf(principal))}`
  return `calling with one of the ${listOf(callersOf(principal))}`
}

/** Something a router may hold. */
interface Declared {
  _def: { meta?: Partial<Meta> | undefined }
}

/**
 * Makes sure that every procedure says who may call it.
 *
 * @throws Error naming those that do not
 */
export function requireDeclarations(procedures: Record<string, unknown>): void {
  const silent = Object.entries(procedures as Record<string, Declared>).filter(([, { _def }]) => !isComplete(_def.meta))
  if (silent.length > 0)
    throw new Error(
      `Nobody says who may call ${silent.map(([path]) => path).join(', ')}: declare it with procedure({ … })`,
    )
}

function isComplete(meta: Partial<Meta> | undefined): boolean {
  if (!meta?.for?.length || !meta.limit) return false
  const open = meta.for.includes('anyone')
  return open ? meta.for.length === 1 : allScopes.includes(meta.scope!)
}

import { initTRPC } from '@trpc/server'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { admit, type Meta, requireDeclarations } from '../../server/auth/admit.ts'
import { scopes } from '../../server/contract/callers.ts'
import type { KeyPrincipal, UserPrincipal } from '../../server/domain/principal.ts'
import { procedure } from '../../server/trpc.ts'

const complete = { for: ['user'], scope: 'payments:read', limit: 'read' } as const

const raw = initTRPC.meta<Partial<Record<keyof Meta, unknown>>>().create()
const answering = (meta?: Partial<Record<keyof Meta, unknown>>) =>
  (meta ? raw.procedure.meta(meta) : raw.procedure).query(() => 'whatever it hides')

test('a procedure that does not say who may call it does not compile', () => {
  // types alone: nothing of this is run
  const mistakes = () => {
    // @ts-expect-error it says nothing
    procedure()
    // @ts-expect-error nobody may call it
    procedure({ ...complete, for: [] })
    // @ts-expect-error it may be for nobody
    procedure({ ...complete, for: [] as ('user' | 'service')[] })
    // @ts-expect-error there are no such callers
    procedure({ ...complete, for: ['admin'] })
    // @ts-expect-error there is no such scope
    procedure({ ...complete, scope: 'payments:everything' })
    // @ts-expect-error it does not say what a key must be good for
    procedure({ for: ['user'], limit: 'read' })
    // @ts-expect-error it does not say how often
    procedure({ for: ['user'], scope: 'payments:read' })
  }
  expect(mistakes).toBeTypeOf('function')
})

describe('a router does not start with a procedure', () => {
  test.each([
    ['that declares nothing', undefined],
    ['for nobody in particular', { ...complete, for: undefined }],
    ['for nobody', { ...complete, for: [] }],
    ['for anyone and for somebody', { ...complete, for: ['anyone', 'user'], scope: null }],
    ['of an unknown scope', { ...complete, scope: 'payments:everything' }],
    ['without a scope', { ...complete, scope: null }],
    ['without a limit', { ...complete, limit: undefined }],
  ])('%s', (_name, meta) => {
    const { procedures } = raw.router({ good: answering(complete), payments: { drain: answering(meta) } })._def
    expect(() => requireDeclarations(procedures)).toThrow('Nobody says who may call payments.drain:')
  })

  test('and names all of them', () => {
    const { procedures } = raw.router({ one: answering(), good: answering(complete), two: answering() })._def
    expect(() => requireDeclarations(procedures)).toThrow('Nobody says who may call one, two:')
  })
})

describe("the service's own router", () => {
  afterEach(() => {
    vi.doUnmock('../../server/routes/index.ts')
    vi.resetModules()
  })

  const routerWith = async (lists: object) => {
    vi.resetModules()
    vi.doMock('../../server/routes/index.ts', async (original) => ({ ...(await original<object>()), ...lists }))
    return import('../../server/router.ts')
  }

  test('cannot be imported with one that declares nothing', async () => {
    await expect(routerWith({ lists: { wipe: answering() } })).rejects.toThrow('Nobody says who may call lists.wipe:')
  })

  test('can with one that does', async () => {
    const { appRouter } = await routerWith({ lists: { look: answering(complete) } })
    expect(Object.keys(appRouter._def.procedures)).toContain('lists.look')
  })
})

describe('a declaration', () => {
  const person = (...roles: UserPrincipal['roles']): UserPrincipal => ({
    kind: 'user',
    userId: 'u',
    appId: 'a',
    sessionId: 's',
    roles,
    scopes: null,
  })
  const platform = (keyScopes: KeyPrincipal['scopes']): KeyPrincipal => ({
    kind: 'service',
    keyId: 'k',
    appId: null,
    scopes: keyScopes,
  })
  const ofPlatform = { for: ['platform'], scope: 'apps:write', limit: 'write' } as const

  test('says whom it is for, and what the caller is', () => {
    expect(() => admit({ ...complete, for: ['operator', 'service'] }, person('merchant', 'auditor'))).toThrow(
      "This procedure is for the app's operators and API keys of an app; you are signed in as user, merchant, and auditor.",
    )
  })

  test("confines a platform's key to its scopes as it does an app's", () => {
    admit(ofPlatform, platform(null))
    admit(ofPlatform, platform(['apps:write']))
    expect(() => admit(ofPlatform, platform(scopes.filter((scope) => scope !== 'apps:write')))).toThrow(
      'This procedure needs the scope apps:write, which your API key does not have.',
    )
  })

  test('of what is for anyone lets everybody in, whatever they hold', () => {
    for (const principal of [null, person(), platform([])])
      admit({ for: ['anyone'], scope: null, limit: 'signIn' }, principal)
  })

  test('is for none of the service itself', () => {
    expect(() => admit(complete, { kind: 'system', name: 'clock' })).toThrow('This procedure is for')
  })
})

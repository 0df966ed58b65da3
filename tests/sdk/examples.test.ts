import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import { stripTypeScriptTypes } from 'node:module'
import { QueryClient } from '@tanstack/react-query'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as core from '../../client-sdk/index.ts'
import * as next from '../../client-sdk/next/index.ts'
import * as react from '../../client-sdk/react/index.ts'
import * as wagmi from '../../client-sdk/wagmi/index.ts'
import { browserOn } from '../../sandbox/browser.ts'
import { type Example, examples, usedBy } from '../../scripts/sdk/examples.ts'
import { PAGE } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'

const all = await examples()

/**
 * Hooks and wallets need a page around them, and buying a seller and terms that two people agreed on: these examples are compiled by
 * `npm run check:sdk`, and what they show has tests of its own.
 */
const runnable = all.filter(
  ({ name, entry, body }) => name !== 'buy' && entry !== 'wagmi' && !/\b(use[A-Z]\w*|ServiceProvider)\b/.test(body),
)

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

test('every function that the package exports has an example', () => {
  const shown = new Set(all.map(({ name }) => name))
  const entries = { core, next, react, wagmi }
  for (const [entry, exported] of Object.entries(entries))
    for (const [name, value] of Object.entries(exported))
      if (typeof value === 'function' && value !== core.ProviderServiceError)
        expect(shown, `${name} of ${entry}`).toContain(name)
})

test.for(runnable.map((example) => [example.name, example] as const))('the example of %s runs', async ([, example]) => {
  const logged: unknown[] = []
  const given = await givenFor(logged)
  await run(example, given)
  if (example.body.includes('console.log')) expect(logged[0] ?? 'nothing').not.toBe('nothing')
})

/** What examples take for granted, of a service that is really there. */
async function givenFor(logged: unknown[]): Promise<Record<string, unknown>> {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  const account = privateKeyToAccount(generatePrivateKey())
  const page = browserOn(PAGE)
  const client = core.createClient({ url: world.url, apiKey: world.apiKey, fetch: page })
  const person = core.createClient({ url: world.url, fetch: page })
  const signer: core.Signer = {
    address: account.address,
    chainId: world.chain.chainId,
    signMessage: (message) => account.signMessage({ message }),
  }
  const seen = new AbortController()
  const secret = `whsec_${randomBytes(32).toString('base64')}`
  const ids = { paywallId: paywall.id, walletId: wallet.id }
  return {
    ...ids,
    appId: world.appId,
    orderNumber: randomUUID(),
    client,
    signer,
    secret,
    request: webhook(secret),
    error: new TypeError('fetch failed'),
    QueryClient,
    queryClient: new QueryClient(react.queryDefaults),
    service: async () => client,
    cache: (work: unknown) => work,
    headers: async () => new Headers({ origin: PAGE }),
    process: {
      env: { PROVIDER_API_KEY: world.apiKey, PROVIDER_URL: world.url, PROVIDER_WEBHOOK_SECRET: secret },
    },
    console: {
      log(value: unknown) {
        logged.push(value)
        seen.abort('seen')
      },
    },
    createClient: (options: core.ClientOptions) => core.createClient({ ...options, url: world.url }),
    // it goes on for ever, and is over here when it has shown something
    async *events(of: core.Client, options: core.EventsOptions) {
      await core.pay(of, ids)
      try {
        yield* core.events(of, { ...options, from: 0n, signal: seen.signal })
      } catch (reason) {
        if (reason !== 'seen') throw reason
      }
    },
    async *all(list: Parameters<typeof core.all>[0], input: object) {
      await core.pay(client, ids)
      yield* core.all(list, input)
    },
    signIn: (_: core.Client, options: core.SignInOptions) => core.signIn(person, options),
    async signOut() {
      await core.signIn(person, { appId: world.appId, signer })
      expect(await core.signOut(person)).toEqual({ ended: 1 })
    },
  }
}

/** Runs an example as it stands, with what it uses by name. */
async function run(example: Example, given: Record<string, unknown>): Promise<void> {
  const names: Record<string, unknown> = { ...react, ...next, ...core, ...given }
  const used = Object.keys(names).filter((name) => usedBy({ ...example, imports: '' }, [name]).length > 0)
  // a block of its own, for what it declares by a name that it was given
  const text = stripTypeScriptTypes(`async function example(${used.join(', ')}) { {\n${example.body}\n} }`)
  await new Function(`return ${text}`)()(...used.map((name) => names[name]))
}

/** A request as the service sends it. */
function webhook(secret: string): Request {
  const [id, at] = [randomUUID(), Math.floor(Date.now() / 1000)]
  const object = { type: 'payment', id: randomUUID() }
  const event = { id, app: world.appId, object, sequence: 1, position: 1, version: 1, data: {} }
  const body = JSON.stringify({ type: 'payment.settled', timestamp: new Date().toISOString(), data: event })
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  const headers = { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
  return new Request('http://app.localhost:3000/api/webhooks/provider', { method: 'POST', headers, body })
}

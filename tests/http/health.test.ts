import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { emptyDatabase } from '../support/database.ts'
import { testWorld, type World } from '../support/world.ts'
import { callerFor } from './support/callers.ts'
import { call, procedures, request } from './support/calls.ts'
import { goodInputs } from './support/inputs.ts'
import { instance, nowhere } from './support/instance.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

interface Readiness {
  ready: boolean
  checks: { name: string; ready: boolean; message?: string }[]
}

const names = ['database', 'chain eip155:43113', 'wallet provider']

async function readiness(url: string): Promise<{ status: number } & Readiness> {
  const response = await fetch(`${url}/health/ready`)
  return { status: response.status, ...((await response.json()) as Readiness) }
}

test('live: the process answers', async () => {
  const response = await fetch(`${world.url}/health/live`)
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({ live: true })
})

test('ready: every dependency answers', async () => {
  expect(await readiness(world.url)).toEqual({
    status: 200,
    ready: true,
    checks: [...names, `lane eip155:43113 ${world.agent}`].map((name) => ({ name, ready: true })),
  })
})

describe('not ready, and it says what is missing', () => {
  const unreachable = `[{"chainId":43113,"rpcUrl":"${nowhere}"}]`
  test.each([
    ['database', { DATABASE_URL: 'postgres://app:pw-canary@127.0.0.1:9/none' }],
    ['chain eip155:43113', { CHAINS: unreachable }],
    ['wallet provider', { CROSSMINT_URL: nowhere }],
  ])('%s', async (name, environment) => {
    await using standIn = await answering404()
    await using broken = await instance(world, { CROSSMINT_URL: standIn.url, ...environment })
    const { status, ready, checks } = await readiness(broken.url)
    expect({ status, ready }).toEqual({ status: 503, ready: false })
    expect(checks.filter((check) => !check.ready)).toEqual([{ name, ready: false, message: expect.any(String) }])
    expect(checks.find((check) => check.name === name)?.message).toMatch(/\w+ \w+/)
    expect(JSON.stringify(checks)).not.toContain('pw-canary')
    const { text } = await request(`${broken.url}/metrics`, undefined, { method: 'GET' })
    expect(text).toContain(`dependency_up{dependency="${name}"} 0`)
    // and it lives on
    expect((await fetch(`${broken.url}/health/live`)).status).toBe(200)
  })

  test('a dependency that hangs: the answer comes all the same', async () => {
    await using silent = await answering(() => {})
    await using broken = await instance(world, { CROSSMINT_URL: silent.url, CROSSMINT_TIMEOUT_MS: '60000' })
    const { status, checks } = await readiness(broken.url)
    expect(status).toBe(503)
    expect(checks.at(-1)).toEqual({
      name: 'wallet provider',
      ready: false,
      message: expect.stringMatching(/did not answer within \d+ ms/),
    })
  })

  test('migrations that are missing', async () => {
    await using empty = await emptyDatabase()
    await using broken = await instance(world, { DATABASE_URL: empty.applicationUrl })
    const { checks } = await readiness(broken.url)
    expect(checks[0]).toMatchObject({ name: 'database', ready: false, message: expect.stringContaining('migrat') })
  })
})

/** A server that stands in for Crossmint and answers as this says. */
async function answering(answer: Parameters<typeof createServer>[1]) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const answering404 = () =>
  answering((_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: true, message: 'Wallet not found' }))
  })

describe('metrics', () => {
  /** Names and labels of our own metrics: a new one is added here with what its labels can be. */
  const metrics: Record<string, Record<string, RegExp>> = {
    procedure_duration_seconds: { path: /^[a-zA-Z]+\.[a-zA-Z]+$/, code: /^[A-Z_]+$/, le: /^[\d.+Inf]+$/ },
    provider_duration_seconds: { operation: /^[a-zA-Z]+$/, outcome: /^[a-z_0-9]+$/, le: /^[\d.+Inf]+$/ },
    payment_settle_seconds: { le: /^[\d.+Inf]+$/ },
    transaction_transitions_total: { to: /^(submitting|submitted|confirmed|failed|attention|cancelled|refused)$/ },
    database_retries_total: { phase: /^(connect|body|commit|statement)$/, code: /^[A-Z0-9]*$/ },
    webhooks_total: {
      provider: /^(crossmint|chainsettle)$/,
      outcome:
        /^(stored|repeated|missing_headers|not_signed|bad_timestamp|too_old|bad_signature|known|unknown|unreadable|unavailable)$/,
    },
    webhook_deliveries_total: { outcome: /^[a-z_0-9]+$/ },
    webhook_delivery_seconds: { le: /^[\d.+Inf]+$/ },
    webhooks_dead: {},
    worker_failures_total: { queue: /^[a-z-]+$/ },
    local_signer_events_total: { chain: /^eip155:\d+$/, type: /^[a-z ]+$/ },
    audit_leaves_sealed_total: {},
    audit_checkpoints_exported_total: {},
    audit_unsealed_oldest_seconds: {},
    events_unplaced_oldest_seconds: {},
    purchase_transitions_total: { to: /^(paying|completed|failed|refused|attention)$/ },
    payments: { state: /^(held|accepted|submitted|attention)$/ },
    transaction_oldest_seconds: { state: /^(queued|submitting|submitted|attention)$/ },
    queue_due: { queue: /^(approvals|deliveries|inbox|purchases|reviews|transactions)$/ },
    database_connections: { use: /^(open|idle|waited_for)$/ },
    session_cookies_unsealable_total: { reason: /^(expired|invalid|unknown-password)$/ },
    event_streams_open: {},
    dependency_up: {
      dependency:
        /^(database|wallet provider|chain( eip155)?:\d+|attestations (chainsettle|eas)|lane eip155:\d+ 0x[\da-fA-F]{40})$/,
    },
  }
  const help = (text: string) => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!)
  const ofNode = /^(process|nodejs)_/

  async function scrape(url = world.url): Promise<string> {
    const response = await fetch(`${url}/metrics`)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    return await response.text()
  }

  function seriesOf(text: string): { name: string; labels: Record<string, string>; value: number }[] {
    return [...text.matchAll(/^([a-z_]+)(?:\{([^}]*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
      name: name!,
      labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key!, text!])),
      value: Number(value),
    }))
  }

  test('are these, and no label is a text of a caller', async () => {
    const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
    const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
    const { id } = await world.client.payments.create.mutate(purchase)
    await world.until(id, 'settled')
    const turns = procedures.values()
    const takeTurns = async () => {
      for (const procedure of turns) {
        const { headers, person } = await callerFor(world, procedure)
        await call(world.url, procedure, await goodInputs[procedure.path]!(world, person), headers)
        await call(world.url, procedure, { owner: 'canary' }, headers)
      }
    }
    await Promise.all([takeTurns(), takeTurns(), takeTurns(), takeTurns()])
    for (const path of ['canary.one', 'canary', 'wallets.canary', '__proto__'])
      await call(world.url, { path, type: 'query' }, {}, world.apiKey)
    await request(`${world.url}/webhooks/crossmint`, 'canary', { headers: { 'svix-id': 'canary' } })
    await readiness(world.url)

    const text = await scrape()
    expect(
      help(text)
        .filter((name) => !ofNode.test(name))
        .sort(),
    ).toEqual(Object.keys(metrics).sort())
    expect(text).not.toContain('canary')
    const known = new Set(procedures.map(({ path }) => path))
    for (const { name, labels } of seriesOf(text)) {
      if (ofNode.test(name)) continue
      const allowed = metrics[name.replace(/_(bucket|sum|count)$/, '')] ?? metrics[name]!
      for (const [label, value] of Object.entries(labels)) {
        expect(allowed[label], `${name}{${label}}`).toBeDefined()
        expect(value, `${name}{${label}}`).toMatch(allowed[label]!)
        if (label === 'path') expect(known).toContain(value)
      }
    }
  })

  test('count what happened', async () => {
    const value = async (name: string, labels: Record<string, string>) =>
      seriesOf(await scrape()).find(
        (series) => series.name === name && Object.entries(labels).every(([key, text]) => series.labels[key] === text),
      )?.value ?? 0
    const calls = () => value('procedure_duration_seconds_count', { path: 'apps.mine', code: 'OK' })
    const refusals = () => value('procedure_duration_seconds_count', { path: 'apps.mine', code: 'UNAUTHENTICATED' })
    const webhooks = () => value('webhooks_total', { outcome: 'missing_headers' })
    const before = [await calls(), await refusals(), await webhooks()]

    await world.client.apps.mine.query()
    await call(world.url, { path: 'apps.mine', type: 'query' }, undefined, undefined)
    await request(`${world.url}/webhooks/crossmint`, 'x')

    expect([await calls(), await refusals(), await webhooks()]).toEqual(before.map((count) => count + 1))
  })

  test('show payments that wait, and how old and how many they are', async () => {
    await using idle = await testWorld({ workers: false })
    const [paywall, wallet] = await Promise.all([idle.paywall(), idle.wallet()])
    for (let count = 0; count < 3; count++)
      await idle.client.payments.create.mutate({
        paywallId: paywall.id,
        walletId: wallet.id,
        idempotencyKey: randomUUID(),
      })
    const text = await scrape(idle.url)
    expect(text).toMatch(/^payments\{state="accepted"\} 3$/m)
    expect(text).toMatch(/^payments\{state="submitted"\} 0$/m)
    expect(text).toMatch(/^queue_due\{queue="transactions"\} 3$/m)
    const oldest = Number(/^transaction_oldest_seconds\{state="queued"\} (\S+)$/m.exec(text)?.[1])
    expect(oldest).toBeGreaterThan(0)
    expect(oldest).toBeLessThan(60)
  })

  test('are told without the database, too', async () => {
    await using broken = await instance(world, { DATABASE_URL: 'postgres://127.0.0.1:9/none' })
    const text = await scrape(broken.url)
    expect(text).toContain('procedure_duration_seconds')
    expect(broken.lines.some(({ msg }) => msg === 'gauges could not be read')).toBe(true)
  })
})

describe('every other path', () => {
  test.each(['/', '/nowhere', '/admin', '/.env', '/health', '/health/live/x', '/trpc', '/%2e%2e/etc/passwd'])(
    'there is nothing at %s',
    async (path) => {
      const response = await fetch(`${world.url}${path}`)
      expect(response.status).toBe(404)
      const body = await response.text()
      expect(body).toMatch(/NO_SUCH_ROUTE|NO_SUCH_PROCEDURE/)
      expect(body).not.toMatch(/Cannot GET|node_modules|Error:/)
    },
  )
})

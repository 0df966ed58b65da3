import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, errorOf, type ProviderServiceError } from '../../client-sdk/index.ts'
import { type ErrorCode, errorCodes } from '../../server/contract/errors.ts'
import { asDomainError } from '../../server/errors.ts'
import { type Answer, call, request } from '../http/support/calls.ts'
import { anyAddress, goodInputs } from '../http/support/inputs.ts'
import { instance, nowhere } from '../http/support/instance.ts'
import { withAdmin } from '../http/support/rows.ts'
import { eventually } from '../support/eventually.ts'
import { issueToken } from '../support/issued-token.ts'
import { publication, staged } from '../support/lists.ts'
import { payer } from '../support/payer.ts'
import { PAGE, person } from '../support/people.ts'
import { testWorld, USDC, type World } from '../support/world.ts'

let world: World
beforeAll(async () => {
  world = await testWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

/** What a client meets: through the SDK, or read off an HTTP answer that the SDK would not ask for. */
type Met = Pick<ProviderServiceError, 'code' | 'status' | 'retryable' | 'requestId' | 'message'>

const caught = (call: Promise<unknown>): Promise<Met> =>
  call.then(() => {
    throw new Error('The call succeeded')
  }, errorOf)

const mutation = (path: string) => ({ path, type: 'mutation' as const })

function met({ error }: Answer): Met {
  const { code, httpStatus, retryable, requestId } = error!.data
  return { code, status: httpStatus, retryable, requestId, message: error!.message }
}

/** Somebody's wish to give somebody a role. */
async function roleRequest() {
  const [operator, somebody] = await Promise.all([person(world, { roles: ['operator'] }), person(world)])
  const wish = { userId: somebody.userId, role: 'merchant', reason: 'sells', idempotencyKey: randomUUID() }
  const { data } = await operator.mutate('users.grantRole', wish)
  return { operator, approvalId: (data as { id: string }).id }
}

async function answered(path: string, body: string, headers: Record<string, string> = {}): Promise<Met> {
  return met(await request(`${world.url}/trpc/${path}`, body, { apiKey: world.apiKey, headers }))
}

const purchase = async (amount = USDC) => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet(amount)])
  return { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
}

/** A client of a service of its own, with other settings. */
async function behind<T>(
  environment: Record<string, string>,
  use: (client: World['client']) => Promise<T>,
): Promise<T> {
  await using other = await instance(world, environment)
  return await use(createClient({ url: other.url, apiKey: world.apiKey }))
}

/** How each error comes about. A code that nothing can cause yet says why it is there. */
const causes: Record<ErrorCode, () => Promise<Met>> = {
  INVALID_INPUT: () => caught(world.client.wallets.create.mutate({ owner: 'Ada Lovelace' })),
  UNAUTHENTICATED: () => caught(createClient({ url: world.url, apiKey: 'none' }).apps.mine.query()),
  FORBIDDEN: () => caught(world.client.apiKeys.list.query({ appId: world.appId })),
  SIGN_IN_FAILED: async () => {
    const signature = `0x${'11'.repeat(65)}`
    return answered('auth.verify', JSON.stringify({ json: { nonce: '0'.repeat(32), signature } }), { origin: PAGE })
  },
  ORIGIN_NOT_ALLOWED: async () => {
    const me = await person(world)
    return met(await call(world.url, mutation('wallets.open'), undefined, { ...me.headers, origin: 'https://a.test' }))
  },
  NEEDS_ANOTHER_PERSON: async () => {
    const { operator, approvalId } = await roleRequest()
    return met(await operator.mutate('approvals.approve', { approvalId }))
  },
  PURCHASE_REFUSED: async () => {
    const { client } = await world.stranger()
    const wish = { url: 'https://api.example.com/', maxPrice: 1n, idempotencyKey: randomUUID() }
    return caught(client.purchases.create.mutate(wish))
  },
  PURCHASE_UNDER_WAY: async () => {
    const input = (await goodInputs['purchases.create']!(world, null))!
    const { data } = await call(world.url, mutation('purchases.create'), input, world.apiKey)
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query("update purchase set state = 'requested' where id = $1", [(data as { id: string }).id]),
    )
    return met(await call(world.url, mutation('purchases.create'), input, world.apiKey))
  },
  APPROVAL_CLOSED: async () => {
    const { approvalId } = await roleRequest()
    const another = await person(world, { roles: ['operator'] })
    await another.mutate('approvals.reject', { approvalId, note: 'no' })
    return met(await another.mutate('approvals.approve', { approvalId }))
  },
  REQUEST_VOID: async () => {
    const { operator, approvalId } = await roleRequest()
    const another = await person(world, { roles: ['operator'] })
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query("update app_user set roles = '{}' where id = $1", [operator.userId]),
    )
    return met(await another.mutate('approvals.approve', { approvalId }))
  },
  NOTHING_TO_CHANGE: async () => {
    const operator = await person(world, { roles: ['operator'] })
    const wish = { userId: operator.userId, role: 'operator', reason: 'is one', idempotencyKey: randomUUID() }
    return met(await operator.mutate('users.grantRole', wish))
  },
  ENDPOINT_DELETED: async () => {
    const { endpointId } = (await goodInputs['endpoints.delete']!(world, null))! as { endpointId: string }
    await world.client.endpoints.delete.mutate({ endpointId })
    return caught(world.client.endpoints.enable.mutate({ endpointId }))
  },
  TOO_MANY_ENDPOINTS: async () => {
    const { client } = await world.stranger()
    const another = () => client.endpoints.create.mutate({ url: 'https://example.org/', idempotencyKey: randomUUID() })
    for (let count = 0; count < 20; count++) await another()
    return caught(another())
  },
  LAST_OPERATOR: async () => {
    const { appId } = await world.stranger()
    const only = await person(world, { appId, roles: ['operator'] })
    const wish = { userId: only.userId, role: 'operator', reason: 'leaves', idempotencyKey: randomUUID() }
    return met(await only.mutate('users.revokeRole', wish))
  },
  REVIEW_CLOSED: async () => {
    const officer = await person(world, { roles: ['officer'] })
    const { reviewId } = (await goodInputs['reviews.get']!(world, officer))!
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query("update review set state = 'expired' where id = $1", [reviewId]),
    )
    return met(await officer.mutate('reviews.assign', { reviewId }))
  },
  REPORT_NOT_READY: async () => {
    const input = { from: new Date('2020-01-01'), to: new Date('2020-02-01'), idempotencyKey: randomUUID() }
    const { id } = await world.client.reports.create.mutate(input)
    // as one whose files were deleted
    await eventually(async () => {
      expect((await world.client.reports.get.query({ reportId: id })).state).toBe('ready')
    })
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query("update report set state = 'expired' where id = $1", [id]),
    )
    return caught(world.client.reports.file.query({ reportId: id, name: 'decisions.csv' }))
  },
  OPERATION_NOT_SUPPORTED_BY_TOKEN: async () => {
    const { address } = await issueToken(world, 'can-transfer')
    const wish = { chainId: 43_113, address, agent: world.agent, idempotencyKey: randomUUID() }
    const { id: tokenId } = await world.client.tokens.register.mutate(wish)
    const because = { reason: 'asked for by a court', idempotencyKey: randomUUID() }
    return caught(world.client.eerc.freeze.mutate({ tokenId, holder: address, frozen: 1n, ...because }))
  },
  ALREADY_REGISTERED: async () => {
    const { address } = await issueToken(world)
    const wish = { chainId: 43_113, address, agent: world.agent }
    await world.client.tokens.register.mutate({ ...wish, idempotencyKey: randomUUID() })
    return caught(world.client.tokens.register.mutate({ ...wish, idempotencyKey: randomUUID() }))
  },
  API_KEY_ENDED: async () => {
    const { appId } = world
    const key = await world.operator.apiKeys.create.mutate({ appId, name: 'k', idempotencyKey: randomUUID() })
    await world.operator.apiKeys.revoke.mutate({ keyId: key.id })
    return caught(world.operator.apiKeys.rotate.mutate({ keyId: key.id, idempotencyKey: randomUUID() }))
  },
  LIST_EXISTS: async () => {
    await world.client.lists.create.mutate({ name: 'partners', kind: 'allow' })
    return caught(world.client.lists.create.mutate({ name: 'partners', kind: 'deny' }))
  },
  ALREADY_LISTED: async () => {
    const entry = { list: 'fraud', address: anyAddress(), reason: 'reported' }
    await world.client.lists.add.mutate({ ...entry, validUntil: new Date('2090-01-01') })
    return caught(world.client.lists.add.mutate({ ...entry, validFrom: new Date('2089-01-01') }))
  },
  IMPORT_CLOSED: async () => {
    const { name } = await world.client.lists.create.mutate({ name: 'imported', kind: 'deny' })
    const { id } = await staged(world, name, [anyAddress()])
    await world.client.lists.discard.mutate({ importId: id })
    return caught(publication(world, { id }))
  },
  IMPORT_OUTDATED: async () => {
    const { name } = await world.client.lists.create.mutate({ name: 'busy', kind: 'deny' })
    const outdated = await staged(world, name, [anyAddress()])
    await world.client.lists.add.mutate({ list: name, address: anyAddress(), reason: 'meanwhile' })
    return caught(publication(world, outdated))
  },
  WALLET_TAKEN: async () => {
    const [wallet, one, another] = await Promise.all([world.wallet(0n), person(world), person(world)])
    await world.client.wallets.link.mutate({ walletId: wallet.id, userId: one.userId })
    return caught(world.client.wallets.link.mutate({ walletId: wallet.id, userId: another.userId }))
  },
  RATE_LIMITED: async () => {
    await using strict = await instance(world, { RATE_LIMITS: 'on' })
    for (;;) {
      const answer = await call(strict.url, mutation('auth.verify'), {}, { origin: PAGE })
      if (answer.status === 429) return met(answer)
    }
  },
  REFUSED_BY_COMPLIANCE: async () => {
    const input = await purchase()
    const { address } = await world.client.wallets.get.query({ walletId: input.walletId })
    await world.client.lists.add.mutate({ list: 'sanctions', address, reason: 'named' })
    return caught(world.client.payments.create.mutate(input))
  },
  INSUFFICIENT_BALANCE: async () => caught(world.client.payments.create.mutate(await purchase(USDC - 1n))),
  NOT_FOUND: () => caught(world.client.payments.get.query({ paymentId: randomUUID() })),
  NO_SUCH_PROCEDURE: () => answered('payments.destroy', '{}'),
  PAYWALL_CLOSED: async () => {
    const input = await purchase()
    await world.client.paywalls.archive.mutate({ paywallId: input.paywallId })
    return caught(world.client.payments.create.mutate(input))
  },
  NOT_CANCELLABLE: async () => {
    const { id } = await world.client.payments.create.mutate(await purchase())
    await world.until(id, 'settled')
    return caught(world.client.payments.cancel.mutate({ paymentId: id }))
  },
  NOT_SIGNABLE: async () => {
    const { client, accept } = await payer(world)
    const { id: paymentId } = await accept(await world.paywall())
    await client.payments.cancel.mutate({ paymentId })
    return caught(client.payments.calls.mutate({ paymentId }))
  },
  ALREADY_PAID: async () => {
    const { client, accept, send } = await payer(world)
    const { id: paymentId } = await accept(await world.paywall())
    const hash = await send(await client.payments.calls.mutate({ paymentId }))
    await client.payments.submitted.mutate({ paymentId, hash })
    await world.until(paymentId, 'settled')
    return caught(client.payments.submitted.mutate({ paymentId, hash: `0x${'5f'.repeat(32)}` }))
  },
  CONFLICT: async () => {
    await using other = await instance(world)
    const input = await purchase()
    const { balances } = other.built.services
    // between the reading of the paywall and the commit, its price changes, each time
    other.built.services.balances = {
      async atLeast(offer) {
        await world.client.paywalls.update.mutate({
          paywallId: input.paywallId,
          price: (BigInt(Date.now()) % 1000n) + 1n,
        })
        return balances.atLeast(offer)
      },
    }
    return await caught(createClient({ url: other.url, apiKey: world.apiKey }).payments.create.mutate(input))
  },
  TOO_LARGE: () => answered('wallets.create', JSON.stringify({ json: { owner: 'x'.repeat(70_000) } })),
  UNSUPPORTED_MEDIA_TYPE: () => answered('wallets.create', '{}', { 'content-type': 'text/plain' }),
  IDEMPOTENCY_MISMATCH: async () => {
    const input = await purchase()
    await world.client.payments.create.mutate(input)
    const { id } = await world.paywall()
    return caught(world.client.payments.create.mutate({ ...input, paywallId: id }))
  },
  CHAIN_NOT_SUPPORTED: () =>
    caught(world.operator.assets.register.mutate({ chainId: 1, address: world.contracts.usdc })),
  NOT_A_TOKEN: () =>
    caught(world.operator.assets.register.mutate({ chainId: 43_113, address: `0x${'12'.repeat(20)}` })),
  PROVIDER_REFUSED: async () => {
    const refusing = createServer((_request, response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ error: true, message: 'This owner was closed' }))
    })
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve))
    const { port } = refusing.address() as AddressInfo
    try {
      return await behind({ CROSSMINT_URL: `http://127.0.0.1:${port}` }, (client) =>
        caught(client.wallets.create.mutate({ owner: randomUUID() })),
      )
    } finally {
      refusing.close()
    }
  },
  INTERNAL: async () => {
    const { id } = await world.paywall()
    await withAdmin(world.database.adminUrl, (admin) =>
      admin.query("update paywall set recipient = 'canary' where id = $1", [id]),
    )
    return caught(world.client.paywalls.get.query({ paywallId: id }))
  },
  PROVIDER_UNAVAILABLE: () =>
    behind({ CROSSMINT_URL: nowhere }, (client) => caught(client.wallets.create.mutate({ owner: randomUUID() }))),
  CHAIN_UNAVAILABLE: async () => {
    const { id } = await world.wallet(0n)
    return behind({ CHAINS: JSON.stringify([{ chainId: 43_113, rpcUrl: nowhere }]) }, (client) =>
      caught(client.wallets.balances.query({ walletId: id })),
    )
  },
  DATABASE_UNAVAILABLE: () =>
    behind({ DATABASE_URL: 'postgres://app:canary@127.0.0.1:9/none' }, (client) => caught(client.apps.mine.query())),
}

const codes = Object.keys(errorCodes) as ErrorCode[]

describe('every code comes about as the contract says, with a sentence that helps', () => {
  test.each(codes)('%s', async (code) => {
    const met = await causes[code]()
    expect(met).toMatchObject({ code, ...errorCodes[code] })
    expect(met.requestId).toMatch(/^[\w-]{8,64}$/)
    expect(met.message.length).toBeGreaterThan(30)
    expect(met.message).not.toContain('canary')
  })
})

test('every code is documented where it is declared', async () => {
  const source = await readFile(new URL('../../server/contract/errors.ts', import.meta.url), 'utf8')
  for (const code of codes) expect(source, code).toMatch(new RegExp(`/\\*\\* [^/]{10,} \\*/\\n  ${code}: `))
})

test('an output that does not fit is a defect of ours, and shows nothing of what it was', async () => {
  const { id } = await world.paywall()
  await withAdmin(world.database.adminUrl, (admin) =>
    admin.query("update paywall set recipient = 'canary' where id = $1", [id]),
  )
  const input = encodeURIComponent(JSON.stringify({ json: { paywallId: id } }))
  const answer = await request(`${world.url}/trpc/paywalls.get?input=${input}`, undefined, {
    method: 'GET',
    apiKey: world.apiKey,
  })
  expect(answer.status).toBe(500)
  expect(answer.error?.data).toMatchObject({ code: 'INTERNAL', issues: null, details: null })
  for (const word of ['canary', 'recipient', 'Zod', 'node_modules', 'stack']) expect(answer.text).not.toContain(word)
})

test.each([
  ["set lock_timeout = '20ms'", 'lock table app in access exclusive mode', '55P03'],
  ["set statement_timeout = '20ms'", 'select pg_sleep(60)', '57014'],
])('a database that is too slow is told as unavailable: after %j', async (setting, statement, state) => {
  await withAdmin(world.database.adminUrl, (holder) =>
    withAdmin(world.database.adminUrl, async (waiter) => {
      await holder.query('begin; lock table app in access share mode')
      await waiter.query(setting)
      await waiter.query('begin')
      const error = await waiter.query(statement).then(
        () => expect.unreachable('It did not wait'),
        (thrown) => thrown,
      )
      expect(error).toMatchObject({ code: state })
      expect(asDomainError(error).code).toBe('DATABASE_UNAVAILABLE')
    }),
  )
})

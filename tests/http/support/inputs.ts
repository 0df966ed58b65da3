import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { concat, encodeAbiParameters, getAddress, padHex, size, toHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { createClient } from '../../../client-sdk/index.ts'
import { mintUsdc } from '../../../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../../../sandbox/chain/rpc.ts'
import type { Approval, Challenge, ListKind, Page, Payment, Wallet } from '../../../server/contract/entities.ts'
import { publicKeysOf } from '../../../server/domain/audit/keys.ts'
import { fanOut } from '../../../server/domain/deliveries/fan-out.ts'
import { eventId } from '../../../server/domain/events/event-of.ts'
import { produceReport } from '../../../server/domain/reports/produce-report.ts'
import { receiveWebhook } from '../../../server/domain/webhooks/receive-webhook.ts'
import { setTerms } from '../../support/buying.ts'
import { eventually } from '../../support/eventually.ts'
import { workInbox } from '../../support/inbox.ts'
import { type IssuedToken, issueToken } from '../../support/issued-token.ts'
import { approvalOf, entryOf, staged } from '../../support/lists.ts'
import { PAGE, type Person, person as personOf } from '../../support/people.ts'
import { placeAll } from '../../support/place.ts'
import { sealAll, worldKey } from '../../support/seal.ts'
import { USDC, type World } from '../../support/world.ts'
import { call } from './calls.ts'
import { withAdmin } from './rows.ts'

type Input = Record<string, unknown>

const recipient = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
const address = '0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC'
const anHourOn = () => new Date(Date.now() + 3_600_000)
const cursor = () => `${Date.now() + 60_000}.${randomUUID()}`
const page = () => ({ cursor: cursor(), limit: 10 })

const purchase = async (world: World) => {
  const [paywall, wallet] = await Promise.all([world.paywall(), world.wallet()])
  return { paywallId: paywall.id, walletId: wallet.id }
}
const payment = async (world: World) =>
  world.client.payments.create.mutate({ ...(await purchase(world)), idempotencyKey: randomUUID() })
/** A payment from the wallet that somebody signed in with. */
async function ownPayment(world: World, { account, query, mutate }: Person): Promise<string> {
  await mintUsdc(world.chain.url, { to: account.address, amount: USDC })
  const { data: wallets } = await query('wallets.list', { owner: account.address })
  const [wallet] = (wallets as Page<Wallet>).items
  const wish = { paywallId: (await world.paywall()).id, walletId: wallet!.id, idempotencyKey: randomUUID() }
  const { data } = await mutate('payments.create', wish)
  return (data as Payment).id
}
const entry = async (world: World) =>
  entryOf(await world.client.lists.add.mutate({ list: 'sanctions', address: anyAddress(), reason: 'r' }))
const list = (world: World, kind: ListKind) => world.client.lists.create.mutate({ name: randomUUID(), kind })
const stagedImport = async (world: World) => staged(world, (await list(world, 'deny')).name, [anyAddress()])

/** A challenge for a new wallet, and its answer. */
async function signed(world: World, input: Input, path: string, headers: Record<string, string>): Promise<Input> {
  const account = privateKeyToAccount(generatePrivateKey())
  const question = { ...input, address: account.address, chainId: world.chain.chainId }
  const { data } = await call(world.url, { path, type: 'mutation' }, question, headers)
  const { nonce, message } = data as Challenge
  return { nonce, signature: await account.signMessage({ message }) }
}

const reviewAbove = (assetId: string, above: bigint) =>
  ({ rule: 'threshold', assetId, above, otherwise: 'review' }) as const

const aMonth = { from: new Date('2020-01-01'), to: new Date('2020-02-01') }

/** A report whose files are there. */
async function readyReport(world: World): Promise<string> {
  const wish = { kinds: ['reviews' as const], ...aMonth, idempotencyKey: randomUUID() }
  const { id } = await world.client.reports.create.mutate(wish)
  await produceReport(world.built.services, { key: worldKey, publicKeys: publicKeysOf([worldKey]) }, { id })
  return id
}

/** A webhook that came in, and means nothing. */
async function rejectedWebhook({ built: { services } }: World): Promise<string> {
  const webhook = { provider: 'crossmint', eventId: randomUUID(), body: Buffer.from('hello') }
  // told to no worker: it is looked into here
  await receiveWebhook({ ...services, nudge: { ...services.nudge, inbox: () => {} } }, webhook)
  await workInbox(services)
  const { id } = await services.db
    .selectFrom('webhook_inbox')
    .select('id')
    .where('event_id', '=', webhook.eventId)
    .executeTakeFirstOrThrow()
  return id
}

/** A hold on a new payment. */
async function standingHold(world: World): Promise<string> {
  const { id: appId } = await world.client.apps.mine.query()
  const [{ id: objectId }, officer] = await Promise.all([
    payment(world),
    personOf(world, { appId, roles: ['officer'] }),
  ])
  const wish = { objectType: 'payment', objectId, reason: 'asked for by a court', idempotencyKey: randomUUID() }
  const { data } = await officer.mutate('holds.place', wish)
  return (data as { id: string }).id
}

const draft = ({ client, assetId }: World) =>
  client.policies.draft.mutate({ rules: [reviewAbove(assetId, 10n ** 30n)], idempotencyKey: randomUUID() })

/**
 * A review of a payment that is held, as a policy in force would have it: here it is written by hand. It is paid from a wallet that is
 * nobody's, so that whoever calls may decide on it.
 */
async function openReview(world: World): Promise<string> {
  const { client, chain } = world
  const [paywall, wallet] = await Promise.all([world.paywall(), client.wallets.create.mutate({ owner: randomUUID() })])
  await mintUsdc(chain.url, { to: wallet.address, amount: paywall.price })
  const purchase = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const { id, decisionId } = await client.payments.create.mutate(purchase)
  const reviewId = randomUUID()
  await withAdmin(world.database.adminUrl, async (admin) => {
    await admin.query(`update payment set state = 'held' where id = $1`, [id])
    await admin.query(
      `update transaction set state = 'held', next_attempt_at = null
       where id = (select transaction_id from payment where id = $1)`,
      [id],
    )
    await admin.query(
      `insert into review (id, app_id, payment_id, decision_id, requested_by, state, created_at, expires_at, shard,
         next_attempt_at, attempts, version, audit_head)
       select $1, app_id, id, $3, 'key:test', 'open', date_trunc('milliseconds', now()), now() + '1 day', 0, null, 0, 0,
         decode(repeat('00', 32), 'hex') from payment where id = $2`,
      [reviewId, id, decisionId],
    )
  })
  return reviewId
}

/** A token contract that is not registered, of six decimals; its symbol may be whatever a stranger's is. */
export async function anotherToken(
  { chain }: Pick<World, 'chain'>,
  symbol: string | Uint8Array = 'TEST',
): Promise<string> {
  const text = typeof symbol === 'string' ? new TextEncoder().encode(symbol) : symbol
  const answer = concat([
    encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [32n, BigInt(text.length)]),
    padHex(toHex(text), { dir: 'right', size: Math.ceil(text.length / 32) * 32 }),
  ])
  const length = toHex(size(answer), { size: 2 })
  const code = concat([
    '0x5f3560e01c63313ce56714601a57', // is it decimals()?
    concat(['0x61', length, '0x60235f3961', length, '0x5ff3']), // no: the answer that follows the code
    '0x5b60065f5260205ff3', // yes: 6
    answer,
  ])
  const address = anyAddress()
  await rpc(chain.url, 'anvil_setCode', [address, code])
  return address
}

/** An address in lower case that nobody has. */
export const anyAddress = () => `0x${randomUUID().replaceAll('-', '')}cafecafe` as const

/** An endpoint of the world's app, which makes room for it. */
async function endpoint({ operator, client }: World): Promise<string> {
  const { id } = await client.apps.mine.query()
  const { items } = await operator.endpoints.list.query({ appId: id, limit: 100 })
  for (const { id: endpointId } of items.slice(10)) await operator.endpoints.delete.mutate({ endpointId })
  const wish = { url: 'https://example.org/', types: ['hold.placed'], idempotencyKey: randomUUID() }
  return (await operator.endpoints.create.mutate({ appId: id, ...wish })).id
}

/** A delivery to such an endpoint, of a ping. */
async function delivery(world: World) {
  const endpointId = await endpoint(world)
  await world.operator.endpoints.ping.mutate({ endpointId, idempotencyKey: randomUUID() })
  return eventually(async () => {
    await placeAll(world)
    await fanOut(world.built.services, null)
    const { items } = await world.operator.deliveries.list.query({ endpointId })
    if (!items[0]) throw new Error('the ping has no delivery yet')
    return items[0]
  })
}

const issued = new Map<string, Promise<{ token: IssuedToken; tokenId: string }>>()

/** A permissioned token that the world's app has registered: the same one each time. */
function tokenOf(world: World): Promise<{ token: IssuedToken; tokenId: string }> {
  const key = `${world.url} ${world.appId}`
  const known = issued.get(key)
  if (known) return known
  const made = newToken(world)
  issued.set(key, made)
  return made
}

async function newToken(world: World): Promise<{ token: IssuedToken; tokenId: string }> {
  const [token, operator] = await Promise.all([
    issueToken(world),
    personOf(world, { appId: world.appId, roles: ['operator'] }),
  ])
  const wish = { chainId: 43_113, address: token.address, agent: world.agent, idempotencyKey: randomUUID() }
  const { data } = await operator.mutate('tokens.register', wish)
  return { token, tokenId: (data as { id: string }).id }
}

/** A wallet that may hold the app's token and has some of it. */
async function holding(world: World) {
  const { token, tokenId } = await tokenOf(world)
  const { id: walletId, address: holder } = await world.wallet(0n)
  await token.behind('changeWhitelist', holder, true)
  await token.behind('mint', holder, 100n)
  return { token, tokenId, walletId, holder }
}

const because = () => ({ reason: 'as the issuer wishes', idempotencyKey: randomUUID() })

/** A transfer that is queued. */
async function transferred(world: World) {
  const { tokenId, walletId, holder } = await holding(world)
  const wish = { tokenId, walletId, to: holder, amount: 1n, idempotencyKey: randomUUID() }
  const { id } = await createClient({ url: world.url, apiKey: world.apiKey }).eerc.transfer.mutate(wish)
  return { operationId: id, tokenId, walletId }
}
const operation = async (world: World) => ({ operationId: (await transferred(world)).operationId })

const freeTerms = { sellers: [{ host: 'api.example.com', payees: [address] }], assets: [], ways: ['direct' as const] }

const allowed = new Map<string, Promise<string>>()

/** A call of an API that asks for nothing, which the world's app may buy. */
async function apiCall(world: World) {
  const key = `${world.url} ${world.appId}`
  const known = allowed.get(key) ?? allowFreeApi(world)
  allowed.set(key, known)
  const call = { url: await known, method: 'POST' as const, headers: { accept: 'text/plain' }, body: 'weather?' }
  return { ...call, way: 'direct' as const, maxPrice: 1n }
}

/** Starts one, and has the app's operators allow it. */
async function allowFreeApi(world: World): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once('end', () => response.end('sunny'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const terms = { ...freeTerms, sellers: [{ host, payees: [] }], windowSeconds: 3_600 }
  await setTerms(world, terms)
  return `http://${host}/weather`
}

/** A role that somebody is to get. */
const role = async (world: World) => {
  const { userId } = await personOf(world)
  return { appId: world.appId, userId, role: 'merchant', reason: 'sells articles', idempotencyKey: randomUUID() }
}

/** What an operator of the app asked for; for people, what its server did: officers and operators decide on that. */
const approval = async (world: World, person: Person | null) => {
  if (person) {
    const { id } = await entry(world)
    return approvalOf(await world.client.lists.remove.mutate({ entryId: id, reason: 'named by mistake' })).id
  }
  const operator = await personOf(world, { appId: world.appId, roles: ['operator'] })
  const { data } = await operator.mutate('users.grantRole', await role(world))
  return (data as Approval).id
}

/** Fields of which a call has exactly one: the good input has the first of them. */
export const choices: Record<string, readonly string[]> = {
  'lists.add': ['address', 'walletId', 'userId'],
  'deliveries.resend': ['deliveryId', 'objectId', 'endpointId'],
}

/**
 * For each procedure, what it takes: every field of its input filled in, for objects that are made for this one call, and for
 * this person if it is only for people (see `callerFor`). The test
 * that walks the router fails when a procedure has no entry here, or an entry lacks a field.
 */
export const goodInputs: Record<
  string,
  (world: World, person: Person | null) => Promise<Input | undefined> | Input | undefined
> = {
  'access.check': purchase,
  'access.list': async (world) => ({ ...(await purchase(world)), ...page() }),
  'apiKeys.create': ({ appId }) => ({
    appId,
    name: 'a key',
    scopes: ['payments:read'],
    expiresAt: anHourOn(),
    idempotencyKey: randomUUID(),
  }),
  'apiKeys.list': ({ appId }) => ({ appId, ...page() }),
  'apiKeys.revoke': async ({ operator, appId }) => {
    const { id } = await operator.apiKeys.create.mutate({ appId, name: 'to go', idempotencyKey: randomUUID() })
    return { keyId: id }
  },
  'apiKeys.rotate': async ({ operator, appId }) => {
    const { id } = await operator.apiKeys.create.mutate({ appId, name: 'old', idempotencyKey: randomUUID() })
    return { keyId: id, overlapSeconds: 60, idempotencyKey: randomUUID() }
  },
  'approvals.approve': async (world, who) => ({ approvalId: await approval(world, who), note: 'as agreed' }),
  'approvals.get': async (world, who) => ({ approvalId: await approval(world, who) }),
  'approvals.list': ({ appId }) => ({ appId, state: 'requested', ...page() }),
  'approvals.reject': async (world, who) => ({ approvalId: await approval(world, who), note: 'not agreed' }),
  'apps.create': () => ({ name: 'an app', origins: [PAGE], operators: [address], idempotencyKey: randomUUID() }),
  'apps.mine': () => undefined,
  'apps.update': ({ appId }) => ({ appId, name: 'another name', origins: [PAGE, 'https://example.com'] }),
  'assets.list': page,
  'assets.register': async (world) => ({ chainId: 43_113, address: await anotherToken(world) }),
  'audit.consistency': async (world) => {
    const { number } = await sealAll(world)
    return { from: number, to: number }
  },
  'audit.proof': async (world) => ({ objectId: (await world.paywall()).id, sequence: 1n }),
  'audit.search': async (world) => ({
    objectId: (await world.paywall()).id,
    actor: `key:${randomUUID()}`,
    action: 'paywall.created',
    from: new Date(0),
    to: anHourOn(),
    cursor: `${cursor()}.1`,
    limit: 10,
  }),
  'audit.trail': async (world) => ({ objectId: (await world.paywall()).id, cursor: '0', limit: 10 }),
  'auth.challenge': ({ appId, chain }) => ({ appId, address, chainId: chain.chainId }),
  'auth.me': () => undefined,
  'auth.revokeSession': async (world, person) => {
    const again = await personOf(world, { account: person!.account })
    return { sessionId: again.sessionId }
  },
  'auth.sessions': page,
  'auth.signOut': () => ({ everywhere: true }),
  'auth.token': () => ({ scopes: ['payments:read'] }),
  'auth.verify': async (world) => signed(world, { appId: world.appId }, 'auth.challenge', { origin: PAGE }),
  'compliance.check': async (world) => ({
    walletId: (await world.wallet(0n)).id,
    recipient,
    assetId: world.assetId,
    amount: 5n,
  }),
  'decisions.list': () => ({ outcome: 'allow', ...page() }),
  'decisions.explain': async (world) => ({ decisionId: (await payment(world)).decisionId }),
  'decisions.get': async (world) => ({ decisionId: (await payment(world)).decisionId }),
  'eerc.allow': async (world) => {
    const { tokenId } = await tokenOf(world)
    return { tokenId, holder: anyAddress(), identity: { contract: anyAddress(), country: 276 }, ...because() }
  },
  'eerc.burn': async (world) => {
    const { tokenId, holder } = await holding(world)
    return { tokenId, from: holder, amount: 5n, ...because() }
  },
  'eerc.cancel': operation,
  'eerc.disallow': async (world) => {
    const { tokenId, holder } = await holding(world)
    return { tokenId, holder, ...because() }
  },
  'eerc.forcedTransfer': async (world) => {
    const { token, tokenId, holder } = await holding(world)
    const to = anyAddress()
    await token.behind('changeWhitelist', to, true)
    return { tokenId, from: holder, to, amount: 5n, ...because() }
  },
  'eerc.freeze': async (world) => {
    const { tokenId, holder } = await holding(world)
    return { tokenId, holder, frozen: 5n, ...because() }
  },
  'eerc.get': operation,
  'eerc.list': async (world) => {
    const { tokenId, walletId } = await transferred(world)
    return { tokenId, walletId, type: 'transfer', state: 'accepted', ...page() }
  },
  'eerc.mint': async (world) => {
    const { tokenId, holder } = await holding(world)
    return { tokenId, to: holder, amount: 5n, ...because() }
  },
  'eerc.pause': async (world) => ({ tokenId: (await tokenOf(world)).tokenId, ...because() }),
  'eerc.preflight': async (world) => {
    const { tokenId, walletId, holder } = await holding(world)
    return { tokenId, walletId, action: { type: 'transfer', to: holder, amount: 5n } }
  },
  'eerc.transfer': async (world) => {
    const { tokenId, walletId, holder } = await holding(world)
    return { tokenId, walletId, to: holder, amount: 5n, idempotencyKey: randomUUID() }
  },
  'eerc.unfreeze': async (world) => {
    const { token, tokenId, holder } = await holding(world)
    await token.behind('setFrozenTokens', holder, 7n)
    return { tokenId, holder, ...because() }
  },
  'eerc.unpause': async (world) => {
    const { tokenId, token } = await newToken(world)
    await token.behind('pause')
    return { tokenId, ...because() }
  },
  'events.get': async (world) => {
    const { id } = await payment(world)
    await placeAll(world)
    return { eventId: eventId(id, 1n) }
  },
  'events.list': async (world) => ({
    types: ['payment.*', 'paywall.updated'],
    objectType: 'payment',
    objectId: (await payment(world)).id,
    from: new Date(0),
    to: anHourOn(),
    order: 'newest',
    cursor: '5',
    limit: 10,
  }),
  'events.on': async (world) => ({
    lastEventId: '0',
    types: ['payment.*'],
    objectId: (await payment(world)).id,
  }),
  'deliveries.get': async (world) => ({ deliveryId: (await delivery(world)).id }),
  'deliveries.list': async (world) => ({
    endpointId: await endpoint(world),
    state: 'waiting',
    objectId: randomUUID(),
    ...page(),
  }),
  'deliveries.resend': async (world) => {
    const { id: deliveryId } = await delivery(world)
    const times = { from: new Date(Date.now() - 3_600_000), to: anHourOn() }
    return { deliveryId, ...times, state: 'failed', idempotencyKey: randomUUID() }
  },
  'endpoints.create': ({ appId }) => ({
    appId,
    url: 'https://example.org/webhooks',
    types: ['payment.*'],
    description: 'tells the shop',
    idempotencyKey: randomUUID(),
  }),
  'endpoints.delete': async (world) => ({ endpointId: await endpoint(world) }),
  'endpoints.disable': async (world) => ({ endpointId: await endpoint(world) }),
  'endpoints.enable': async (world) => {
    const endpointId = await endpoint(world)
    await world.client.endpoints.disable.mutate({ endpointId })
    return { endpointId }
  },
  'endpoints.get': async (world) => ({ endpointId: await endpoint(world) }),
  'endpoints.list': ({ appId }) => ({ appId, ...page() }),
  'endpoints.ping': async (world) => ({ endpointId: await endpoint(world), idempotencyKey: randomUUID() }),
  'endpoints.rotateSecret': async (world) => ({ endpointId: await endpoint(world), idempotencyKey: randomUUID() }),
  'endpoints.update': async (world) => ({
    endpointId: await endpoint(world),
    url: 'https://example.org/others',
    types: ['*.settled'],
    description: 'tells another shop',
  }),
  'holds.list': () => ({ standing: true, ...page() }),
  'holds.place': async (world) => ({
    objectType: 'payment',
    objectId: (await payment(world)).id,
    reason: 'asked for by a court',
    idempotencyKey: randomUUID(),
  }),
  'holds.release': async (world) => ({
    holdId: await standingHold(world),
    reason: 'the matter is closed',
    idempotencyKey: randomUUID(),
  }),
  'inbox.get': async (world) => ({ webhookId: await rejectedWebhook(world) }),
  'inbox.list': () => ({
    ...page(),
    source: 'crossmint',
    state: 'rejected',
    type: 'wallets.transfer.in',
    from: new Date(0),
    to: anHourOn(),
  }),
  'inbox.retry': async (world) => ({ webhookId: await rejectedWebhook(world) }),
  'lists.add': async (world) => ({
    list: (await list(world, 'deny')).name,
    address: anyAddress(),
    reason: 'named',
    source: 'a regulator',
    validFrom: new Date(),
    validUntil: anHourOn(),
    idempotencyKey: randomUUID(),
  }),
  'lists.at': async (world) => ({
    list: (await list(world, 'deny')).name,
    at: new Date(),
    subject: `user:${randomUUID()}`,
    cursor: address,
    limit: 10,
  }),
  'lists.create': () => ({ name: randomUUID(), kind: 'allow' }),
  'lists.discard': async (world) => ({ importId: (await stagedImport(world)).id }),
  'lists.entries': () => ({ ...page(), list: 'sanctions', subject: `wallet:${randomUUID()}`, removed: true }),
  'lists.import': async (world) => ({
    list: (await list(world, 'sanctions')).name,
    source: 'a regulator',
    entries: [{ subject: anyAddress(), reason: 'named', source: 'page 7', validFrom: null, validUntil: anHourOn() }],
    idempotencyKey: randomUUID(),
  }),
  'lists.imports': () => ({ ...page(), list: 'sanctions', state: 'staged' }),
  'lists.list': page,
  'lists.preview': async (world) => ({ importId: (await stagedImport(world)).id }),
  'lists.publish': async (world) => ({
    importId: (await stagedImport(world)).id,
    reason: 'the new issue of the list',
    idempotencyKey: randomUUID(),
  }),
  'lists.remove': async (world) => ({
    entryId: (await entry(world)).id,
    reason: 'named by mistake',
    idempotencyKey: randomUUID(),
  }),
  'payments.calls': async (world, person) => ({ paymentId: await ownPayment(world, person!) }),
  'payments.submitted': async (world, person) => ({
    paymentId: await ownPayment(world, person!),
    hash: `0x${'5f'.repeat(32)}`,
  }),
  'payments.cancel': async (world) => ({ paymentId: (await payment(world)).id }),
  'payments.create': async (world) => ({ ...(await purchase(world)), idempotencyKey: randomUUID() }),
  'payments.get': async (world) => ({ paymentId: (await payment(world)).id }),
  'payments.list': async (world) => ({ ...(await purchase(world)), state: 'accepted', ...page() }),
  'payments.quote': purchase,
  'paywalls.archive': async (world) => ({ paywallId: (await world.paywall()).id }),
  'paywalls.create': ({ assetId }) => ({
    title: 'An article',
    assetId,
    price: 1_500_000n,
    recipient,
    accessSeconds: 3600,
    expiresAt: anHourOn(),
    idempotencyKey: randomUUID(),
  }),
  'paywalls.get': async (world) => ({ paywallId: (await world.paywall()).id }),
  'paywalls.list': () => ({ state: 'open', ...page() }),
  'paywalls.update': async (world) => ({
    paywallId: (await world.paywall()).id,
    title: 'Another title',
    price: 2n,
    recipient: address,
    accessSeconds: 60,
    expiresAt: anHourOn(),
  }),
  'policies.draft': ({ assetId }) => ({ rules: [reviewAbove(assetId, 1n)], idempotencyKey: randomUUID() }),
  'policies.get': async (world) => ({ policyId: (await draft(world)).id }),
  'policies.list': () => ({ state: 'draft', ...page() }),
  'policies.publish': async (world) => ({
    policyId: (await draft(world)).id,
    reason: 'asked for by the regulator',
    idempotencyKey: randomUUID(),
  }),
  'purchases.create': async (world) => ({ ...(await apiCall(world)), idempotencyKey: randomUUID() }),
  'purchases.get': async (world) => {
    const input = { ...(await apiCall(world)), idempotencyKey: randomUUID() }
    return { purchaseId: (await world.client.purchases.create.mutate(input)).id }
  },
  'purchases.list': () => ({ state: 'completed', ...page() }),
  'purchases.policies': () => ({ state: 'published', ...page() }),
  'purchases.quote': apiCall,
  'purchases.setPolicy': ({ assetId }) => ({
    // an asset more than before, so that somebody has to approve it
    terms: { ...freeTerms, assets: [{ assetId, perCall: 1n, perApp: 1n, perPrincipal: 1n }], windowSeconds: 3_600 },
    reason: 'the shop needs the weather',
    idempotencyKey: randomUUID(),
  }),
  'reports.create': () => ({ kinds: ['reviews'], ...aMonth, idempotencyKey: randomUUID() }),
  'reports.file': async (world) => ({ reportId: await readyReport(world), name: 'reviews.csv', part: 1 }),
  'reports.get': async (world) => ({ reportId: await readyReport(world) }),
  'reports.list': () => ({ state: 'ready', ...page() }),
  'reviews.assign': async (world) => ({ reviewId: await openReview(world), take: true, note: 'I look at it' }),
  'reviews.decide': async (world) => ({ reviewId: await openReview(world), verdict: 'denied', note: 'no' }),
  'reviews.get': async (world) => ({ reviewId: await openReview(world) }),
  'reviews.list': () => ({ state: 'open', mine: true, ...page() }),
  'tokens.get': async (world) => ({ tokenId: (await tokenOf(world)).tokenId }),
  'tokens.list': page,
  'tokens.register': async (world) => {
    // the wallet of the agent is made with the first token
    await tokenOf(world)
    const { address } = await issueToken(world)
    return { chainId: 43_113, address, standard: 'erc-7943', agent: world.agent, idempotencyKey: randomUUID() }
  },
  'users.get': async (world) => ({ appId: world.appId, userId: (await personOf(world)).userId }),
  'users.grantRole': role,
  'users.list': ({ appId }) => ({ appId, address, role: 'merchant', ...page() }),
  'users.revokeRole': async (world) => {
    const merchant = await personOf(world, { roles: ['merchant'] })
    return { ...(await role(world)), userId: merchant.userId }
  },
  'users.signOut': async (world) => ({ appId: world.appId, userId: (await personOf(world)).userId }),
  'wallets.balances': async (world) => ({ walletId: (await world.wallet(0n)).id }),
  'wallets.challenge': ({ chain }) => ({ address: getAddress(anyAddress()), chainId: chain.chainId }),
  'wallets.create': () => ({ owner: randomUUID() }),
  'wallets.get': async (world) => ({ walletId: (await world.wallet(0n)).id }),
  'wallets.link': async (world) => {
    const [wallet, somebody] = await Promise.all([world.wallet(0n), personOf(world)])
    return { walletId: wallet.id, userId: somebody.userId }
  },
  'wallets.open': () => undefined,
  'wallets.prove': async (world, person) => signed(world, {}, 'wallets.challenge', person!.headers),
  'wallets.list': () => ({ owner: 'customer-1', ...page() }),
}

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Caller, grantedRoles, type Role, roles } from '../../server/contract/callers.ts'
import type { Page, Payment, Wallet } from '../../server/contract/entities.ts'
import { errorCodes } from '../../server/contract/errors.ts'
import { eventId } from '../../server/domain/events/event-of.ts'
import { sandboxSecrets } from '../../server/sandbox-secrets.ts'
import { eventually } from '../support/eventually.ts'
import { PAGE, type Person, person } from '../support/people.ts'
import { testWorld, type World } from '../support/world.ts'
import { keyHeaders, type ValidCaller } from './support/callers.ts'
import { type Answer, call, type Procedure } from './support/calls.ts'
import { type IdField, type Input, idFields, valueAt, withValue } from './support/ids.ts'
import { choices, goodInputs } from './support/inputs.ts'
import { rowCounts } from './support/rows.ts'
import { saidBy } from './support/said-by.ts'
import { worldElsewhere, worldOf } from './support/world-of.ts'

const everybody = roles
const overseers = ['officer', 'auditor', 'operator'] as const

/**
 * Which people reach what is not their own, of their app: all of them only where it is there for all. To everybody else it does not
 * exist, and nothing of another app does. Keys of the app reach all of their app.
 */
const shared: Record<string, readonly Role[]> = {
  // everybody may look at a paywall and buy from it, from a wallet of their own
  'paywalls.get paywallId': everybody,
  'payments.quote paywallId': everybody,
  'payments.create paywallId': everybody,
  'access.check paywallId': everybody,
  // merchants change their own paywalls; the app's operators any
  'paywalls.update paywallId': ['operator'],
  'paywalls.archive paywallId': ['operator'],
  // those who watch over the app see whose wallet holds, paid and bought what; they pay from none but their own
  'wallets.get walletId': overseers,
  'wallets.balances walletId': overseers,
  'access.check walletId': overseers,
  'compliance.check walletId': overseers,
  'access.list walletId': overseers,
  'access.list paywallId': overseers,
  'payments.list walletId': overseers,
  'payments.list paywallId': overseers,
  'payments.get paymentId': overseers,
  'payments.cancel paymentId': ['operator'],
  'events.get eventId': overseers,
  'events.list objectId': overseers,
  // what is for some roles alone is the app's, and nobody's own
  'apiKeys.rotate keyId': everybody,
  'apiKeys.revoke keyId': everybody,
  'approvals.get approvalId': everybody,
  'approvals.approve approvalId': everybody,
  'approvals.reject approvalId': everybody,
  'audit.proof objectId': everybody,
  'audit.search objectId': everybody,
  'audit.trail objectId': everybody,
  'decisions.explain decisionId': everybody,
  'decisions.get decisionId': everybody,
  'policies.get policyId': everybody,
  'policies.publish policyId': everybody,
  'purchases.get purchaseId': everybody,
  'deliveries.get deliveryId': everybody,
  'deliveries.list endpointId': everybody,
  'deliveries.resend deliveryId': everybody,
  'deliveries.resend objectId': everybody,
  'deliveries.resend endpointId': everybody,
  'endpoints.delete endpointId': everybody,
  'endpoints.disable endpointId': everybody,
  'endpoints.enable endpointId': everybody,
  'endpoints.get endpointId': everybody,
  'endpoints.ping endpointId': everybody,
  'endpoints.rotateSecret endpointId': everybody,
  'endpoints.update endpointId': everybody,
  'holds.place objectId': everybody,
  'holds.release holdId': everybody,
  'reports.file reportId': everybody,
  'reports.get reportId': everybody,
  'reviews.assign reviewId': everybody,
  'reviews.decide reviewId': everybody,
  'reviews.get reviewId': everybody,
  'lists.add walletId': everybody,
  'lists.add userId': everybody,
  'lists.discard importId': everybody,
  'lists.preview importId': everybody,
  'lists.publish importId': everybody,
  'lists.remove entryId': everybody,
  // a token is the app's; what is done with it is for those who watch over the app, and whose wallet does it
  'eerc.allow tokenId': everybody,
  'eerc.burn tokenId': everybody,
  'eerc.disallow tokenId': everybody,
  'eerc.forcedTransfer tokenId': everybody,
  'eerc.freeze tokenId': everybody,
  'eerc.list tokenId': everybody,
  'eerc.mint tokenId': everybody,
  'eerc.pause tokenId': everybody,
  'eerc.preflight tokenId': everybody,
  'eerc.transfer tokenId': everybody,
  'eerc.unfreeze tokenId': everybody,
  'eerc.unpause tokenId': everybody,
  'eerc.cancel operationId': ['operator', 'officer'],
  'eerc.get operationId': overseers,
  'eerc.list walletId': overseers,
  'tokens.get tokenId': everybody,
  'users.get userId': everybody,
  'users.signOut userId': everybody,
  'users.grantRole userId': everybody,
  'users.revokeRole userId': everybody,
}

/** Whose an object may be, seen from whoever asks for it. */
type Whose = "another user's" | "the app's own" | "another app's"

let world: World
/** The app as a buyer and merchant like others knows it, the app without people, and another app. */
let worlds: Record<Whose, { world: World; person: Person }>
/** Somebody of each kind who calls. */
let callers: Record<Caller, ValidCaller>
/** What was bought and paid, and so is in lists. */
let purchases: Record<Whose, { paywallId: string; walletId: string }>

beforeAll(async () => {
  world = await testWorld({ workers: false })
  await world.crossmint.setWebhook(null)
  const elsewhere = await worldElsewhere(world)
  const [neighbour, stranger, ...people] = await Promise.all([
    person(world, { roles: ['merchant'] }),
    person(elsewhere, { roles: grantedRoles }),
    ...roles.map((role) => person(world, { roles: role === 'user' ? [] : [role] })),
  ])
  worlds = {
    "another user's": { world: worldOf(world, neighbour!), person: neighbour! },
    "the app's own": { world, person: neighbour! },
    "another app's": { world: worldOf(elsewhere, stranger!), person: stranger! },
  }
  const withCookie = (role: Role): ValidCaller => {
    const somebody = people[roles.indexOf(role)]!
    return { headers: somebody.headers, person: somebody }
  }
  callers = {
    anyone: { headers: { origin: PAGE }, person: null },
    user: withCookie('user'),
    merchant: withCookie('merchant'),
    officer: withCookie('officer'),
    auditor: withCookie('auditor'),
    operator: withCookie('operator'),
    service: { headers: keyHeaders(world.apiKey), person: null },
    platform: { headers: keyHeaders(sandboxSecrets.operatorKey), person: null },
  }
  const worker = world.instance()
  worker.startWorkers()
  const [anotherUsers, theApps, anotherApps] = await Promise.all(Object.values(worlds).map((each) => buy(each.world)))
  purchases = { "another user's": anotherUsers!, "the app's own": theApps!, "another app's": anotherApps! }
  await worker.stop()
})
afterAll(() => world[Symbol.asyncDispose]())

/** Pays a paywall of a world from a wallet of it, until access is given. */
async function buy({ paywall, wallet, client }: World) {
  const [{ id: paywallId }, { id: walletId }] = await Promise.all([paywall(), wallet()])
  await client.payments.create.mutate({ paywallId, walletId, idempotencyKey: randomUUID() })
  await eventually(async () =>
    expect(await client.access.check.query({ paywallId, walletId })).toMatchObject({ granted: true }),
  )
  return { paywallId, walletId }
}

/** The kinds of callers who may call a procedure. */
const kindsOf = (procedure: Procedure): Caller[] =>
  (Object.keys(callers) as Caller[]).filter(
    (kind) =>
      procedure.for.includes(kind) || (procedure.for.includes('user') && (roles as readonly Caller[]).includes(kind)),
  )

const isList = ({ path }: Procedure) => path.endsWith('.list') || path === 'audit.search'

const isOfPurchases = (procedure: Procedure) => isList(procedure) && !procedure.path.startsWith('eerc.')

/** The id of an object of somebody's that a procedure could be asked for. */
async function idOf({ procedure, path, field }: IdField, whose: Whose): Promise<unknown> {
  // nobody signs in to an app from a page that is not one of its own
  if (procedure.for.includes('anyone')) return (await pageless(world)).id
  if (isOfPurchases(procedure) && field in purchases[whose]) return purchases[whose][field as 'walletId']
  const theirs = worlds[whose]
  if (path === 'deliveries.resend') {
    const { deliveryId } = (await goodInputs[path]!(theirs.world, theirs.person)) as { deliveryId: string }
    // of a ping, the object is its endpoint
    return field === 'deliveryId' ? deliveryId : (await world.operator.deliveries.get.query({ deliveryId })).endpointId
  }
  // one of a choice that the good input does not make is had from where it is read
  const source = choices[path]?.includes(field) ? `${field.replace('Id', 's')}.get` : path
  return valueAt((await goodInputs[source]!(theirs.world, theirs.person))!, field)
}

const pageless = ({ operator }: World) =>
  operator.apps.create.mutate({ name: 'elsewhere', origins: [], idempotencyKey: randomUUID() })

/** Whether a caller reaches an object of somebody's. */
function reaches(kind: Caller, { path, field }: IdField, whose: Whose): boolean {
  if (kind === 'anyone') return false
  // the platform reaches every app, but no person in an app that is not theirs
  const together =
    idFields.filter((one) => one.path === path).length > 1 && !choices[path] && path !== 'deliveries.list'
  if (whose === "another app's") return kind === 'platform' && !together
  return kind === 'platform' || kind === 'service' || (shared[`${path} ${field}`] ?? []).includes(kind)
}

test.each(idFields)("$path: another $field than one's own is like one that there is not", async (idField) => {
  const { procedure, path, field } = idField
  const ask = ({ headers }: ValidCaller, own: Input, id: unknown) => {
    const input = isList(procedure) ? { [field]: id } : withValue(own, field, id, choices[path])
    if (own.idempotencyKey) input.idempotencyKey = randomUUID()
    return call(world.url, procedure, input, headers)
  }

  const [theirs, asked] = await Promise.all([
    Promise.all((Object.keys(worlds) as Whose[]).map(async (whose) => ({ whose, id: await idOf(idField, whose) }))),
    Promise.all(
      kindsOf(procedure).map(async (kind) => {
        const caller = callers[kind]
        const own = await goodInputs[path]!(caller.person ? worldOf(world, caller.person) : world, caller.person)
        return { kind, caller, own: own! }
      }),
    ),
  ])
  const cells = asked.flatMap((one) =>
    theirs
      // the app of the caller, or an asset of the platform: it is everybody's
      .filter(({ id }) => id !== valueAt(one.own, field))
      .map(({ whose, id }) => ({ ...one, whose, id, reached: reaches(one.kind, idField, whose) })),
  )
  const before = await rowCounts(world.database)
  await Promise.all(
    asked.map(async ({ kind, caller, own }) => {
      const unknown = await ask(caller, own, field === 'eventId' ? eventId(randomUUID(), 1n) : randomUUID())
      expectNothing(procedure, unknown)
      for (const cell of cells.filter((one) => one.kind === kind && !one.reached))
        expect(saidBy(await ask(caller, own, cell.id)), `${kind}, ${cell.whose}`).toEqual(saidBy(unknown))
    }),
  )
  expect(await rowCounts(world.database)).toEqual(before)

  for (const { caller, own, id, kind, whose } of cells.filter(({ reached }) => reached)) {
    const answer = await ask(caller, own, id)
    expect(answer.error?.data.code, `${kind}, ${whose}: ${answer.text}`).not.toBe('NOT_FOUND')
    if (isOfPurchases(procedure) && field in purchases[whose])
      expect((answer.data as Page<unknown>).items.length, `${kind}, ${whose}`).toBeGreaterThan(0)
  }
})

test('all that is shared is something that can be asked for', () => {
  const asked = idFields.map(({ path, field }) => `${path} ${field}`)
  expect(Object.keys(shared).filter((one) => !asked.includes(one))).toEqual([])
})

/** Expects the answer to an id that nothing has. */
function expectNothing(procedure: Procedure, { status, error, data, text }: Answer) {
  // a feed goes on where it ends
  const end =
    procedure.path === 'events.list' ? { nextCursor: expect.any(String), hasMore: false } : { nextCursor: null }
  if (procedure.type === 'subscription')
    return expect([status, text]).toEqual([200, expect.not.stringContaining('data: {"json"')])
  if (isList(procedure) && status === 200) return expect(data).toEqual({ items: [], ...end })
  const code = procedure.for.includes('anyone') ? 'ORIGIN_NOT_ALLOWED' : 'NOT_FOUND'
  expect(error?.data, text).toMatchObject({ code, httpStatus: errorCodes[code].status, issues: null, details: null })
  expect(status).toBe(errorCodes[code].status)
  if (code === 'NOT_FOUND') expect(error!.message).toMatch(/^There is no such .+\. Check the id/)
}

/** A payment of a new paywall of one person's by another. */
async function paymentTo(merchant: Person, buyer: Person): Promise<Payment> {
  const [paywall, wallet] = await Promise.all([worldOf(world, merchant).paywall(), worldOf(world, buyer).wallet()])
  const input = { paywallId: paywall.id, walletId: wallet.id, idempotencyKey: randomUUID() }
  const { status, text, data } = await buyer.mutate('payments.create', input)
  expect(status, text).toBe(200)
  return data as Payment
}

const idsIn = ({ data }: Answer) => (data as Page<{ id: string }>).items.map(({ id }) => id)
const nobodysPayment = async (who: Person, path: string) =>
  saidBy(await who[path === 'payments.get' ? 'query' : 'mutate'](path, { paymentId: randomUUID() }))

test('merchants see what was paid to their paywalls, and take nothing back', async () => {
  const [buyer, merchant, other] = [callers.user, callers.merchant, worlds["another user's"]].map((one) => one.person!)
  const [theirs, others] = await Promise.all([paymentTo(merchant!, buyer!), paymentTo(other!, buyer!)])

  expect((await merchant!.query('payments.get', { paymentId: theirs.id })).data).toEqual({
    ...theirs,
    replayed: undefined,
  })
  expect(idsIn(await merchant!.query('payments.list', { walletId: theirs.walletId }))).toEqual([theirs.id])
  expect(saidBy(await merchant!.query('payments.get', { paymentId: others.id }))).toEqual(
    await nobodysPayment(merchant!, 'payments.get'),
  )
  expect(idsIn(await merchant!.query('payments.list', { walletId: others.walletId }))).toEqual([])
  for (const { id } of [theirs, others])
    expect(saidBy(await merchant!.mutate('payments.cancel', { paymentId: id }))).toEqual(
      await nobodysPayment(merchant!, 'payments.cancel'),
    )
  expect(await world.client.payments.get.query({ paymentId: theirs.id })).toMatchObject({ state: 'accepted' })
})

test('officers and auditors see every payment and take none back, operators and payers do', async () => {
  const [buyer, merchant] = [callers.user.person!, callers.merchant.person!]
  const [one, two] = await Promise.all([paymentTo(merchant, buyer), paymentTo(merchant, buyer)])
  for (const { person: overseer } of [callers.officer, callers.auditor]) {
    expect(idsIn(await overseer!.query('payments.list', { walletId: one.walletId }))).toEqual([one.id])
    expect(saidBy(await overseer!.mutate('payments.cancel', { paymentId: one.id }))).toEqual(
      await nobodysPayment(overseer!, 'payments.cancel'),
    )
  }
  expect((await callers.operator.person!.mutate('payments.cancel', { paymentId: one.id })).data).toMatchObject({
    state: 'cancelled',
  })
  expect((await buyer.mutate('payments.cancel', { paymentId: two.id })).data).toMatchObject({ state: 'cancelled' })
})

test('a custodial wallet pays for nobody but whom it was linked to, whatever their role', async () => {
  const [{ id: paywallId }, { id: walletId }] = await Promise.all([world.paywall(), world.wallet()])
  const people = roles.map((role) => callers[role].person!)
  const [owner, ...others] = people
  const tries = async (who: Person, id: string) => {
    const purchase = { paywallId, walletId: id }
    const quote = await who.query('payments.quote', purchase)
    return { quote, payment: await who.mutate('payments.create', { ...purchase, idempotencyKey: randomUUID() }) }
  }
  const expectNone = async (who: Person) => {
    const [asked, unknown] = await Promise.all([tries(who, walletId), tries(who, randomUUID())])
    expect(saidBy(asked.quote)).toEqual(saidBy(unknown.quote))
    expect(saidBy(asked.payment)).toEqual(saidBy(unknown.payment))
    expect(asked.payment.error?.data.code).toBe('NOT_FOUND')
  }

  await Promise.all(people.map(expectNone))
  await world.client.wallets.link.mutate({ walletId, userId: owner!.userId })
  await Promise.all(others.map(expectNone))
  const { quote, payment } = await tries(owner!, walletId)
  expect(quote.data).toMatchObject({ payable: true })
  expect(payment.data).toMatchObject({ state: 'accepted' })
})

test('what is listed to a person without a filter is their own', async () => {
  const newcomer = await person(world)
  const wallets = (await newcomer.query('wallets.list', {})).data as Page<Wallet>
  expect(wallets.items.map(({ address, userId }) => ({ address, userId }))).toEqual([
    { address: newcomer.account.address, userId: newcomer.userId },
  ])
  expect(idsIn(await newcomer.query('auth.sessions', {}))).toEqual([newcomer.sessionId])
  for (const path of ['payments.list', 'access.list'])
    expect((await newcomer.query(path, {})).data).toEqual({ items: [], nextCursor: null })
})

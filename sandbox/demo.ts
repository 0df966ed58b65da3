import { createHash, randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
// the package as its users get it: built, not the sources
import { type Client, createClient, errorOf, pay, signIn, signOut, verifyWebhook } from '@provider-service/client'
import { browserOn } from './browser.ts'
import { mintUsdc } from './chain/deploy-contracts.ts'
import { readTransfers } from './chain/read-transfers.ts'
import { controlOf } from './crossmint/control.ts'
import { startHooks } from './hooks.ts'
import { PAGE, type PersonName, people, signerOf } from './people.ts'
import { FUJI, startSandbox } from './sandbox.ts'
import { startService } from './service.ts'
import { timeline } from './timeline.ts'
import { tellTokens } from './token-story.ts'

// `npm run demo`: the whole story, in a sandbox of its own that is thrown away.

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })
const story = timeline(values.json)
const { step, finish } = story
const USDC = 1_000_000n
const merchant = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'

const directory = await mkdtemp(join(tmpdir(), 'provider-demo-'))
try {
  await using stack = new AsyncDisposableStack()
  const sandbox = await step('sandbox', 'Bring up PostgreSQL, two chains and Crossmint', async () => {
    const started = stack.use(await startSandbox({ directory, keep: false, durable: false, blockTime: 1 }))
    stack.use(await startService(started.environment, join(directory, 'service.log')))
    return { result: started, says: `the service answers at ${started.serviceUrl}` }
  })
  const operator = createClient({ url: sandbox.serviceUrl, apiKey: sandbox.operatorKey })
  const crossmint = controlOf(sandbox.crossmint.url)
  const transfersFrom = async (address: string) =>
    (await readTransfers(sandbox.chain.url, sandbox.contracts.usdc)).filter(({ from }) => from === address).length

  const { appId, client, assetId } = await step('app', 'Create an app and its API key', async () => {
    const asset = await operator.assets.register.mutate({ chainId: FUJI, address: sandbox.contracts.usdc })
    const app = await operator.apps.create.mutate({
      name: 'Payer Tiger',
      origins: [PAGE],
      operators: [people.operator.address, people['second operator'].address],
      idempotencyKey: randomUUID(),
    })
    const key = await operator.apiKeys.create.mutate({ appId: app.id, name: 'demo', idempotencyKey: randomUUID() })
    return {
      result: {
        appId: app.id,
        client: createClient({ url: sandbox.serviceUrl, apiKey: key.secret! }),
        assetId: asset.id,
      },
      says: `${app.name}, paid in ${asset.symbol} on ${asset.chain}`,
    }
  })

  const paywall = await step('paywall', 'The merchant opens a paywall', async () => {
    const opened = await client.paywalls.create.mutate({
      title: 'The tiger who came to pay',
      assetId,
      price: (3n * USDC) / 2n,
      recipient: merchant,
      accessSeconds: 30 * 86_400,
      idempotencyKey: randomUUID(),
    })
    return { result: opened, says: `"${opened.title}" for 1.50 USDC, 30 days` }
  })

  const fundedWallet = async (owner: string) => {
    const wallet = await client.wallets.create.mutate({ owner })
    await mintUsdc(sandbox.chain.url, { to: wallet.address, amount: 10n * USDC })
    return wallet
  }
  const wallet = await step('wallet', 'A reader gets a custodial wallet, with 10 USDC', async () => {
    const made = await fundedWallet('reader-1')
    return { result: made, says: made.address }
  })

  await step('quote', 'Ask first: what would happen?', async () => {
    const quote = await client.payments.quote.query({ paywallId: paywall.id, walletId: wallet.id })
    if (!quote.payable) throw new Error('the quote is not payable')
    return { says: `payable, compliance says ${quote.outcome} (${quote.checks.length} rules asked)` }
  })

  const hooks = stack.use(await startHooks())
  const secret = await step('endpoint', 'The shop asks to be told of settled payments', async () => {
    const types = ['payment.settled']
    const made = await client.endpoints.create.mutate({ url: hooks.url, types, idempotencyKey: randomUUID() })
    return { result: made.secret!, says: `${made.types} to ${made.url}` }
  })

  const idempotencyKey = randomUUID()
  const paid = await step('pay', 'Pay, and watch it settle', async () => {
    const states: string[] = []
    const payment = await pay(client, {
      paywallId: paywall.id,
      walletId: wallet.id,
      idempotencyKey,
      onChange: ({ state }) => states.push(state),
    })
    return { result: payment, says: states.join(' → '), transactionHash: payment.transactionHash }
  })

  await step('webhook', 'The shop is told of it by a signed webhook', async () => {
    const event = await verifyWebhook(secret, await hooks.first)
    if (event.type !== 'payment.settled' || event.objectId !== paid.id) throw new Error(`${event.type} was told`)
    return { says: `${event.type}, number ${event.sequence} of the payment; its signature is right` }
  })

  await step('access', 'The paywall is open', async () => {
    const { granted, access } = await client.access.check.query({ paywallId: paywall.id, walletId: wallet.id })
    if (!granted) throw new Error('access was not granted')
    return { says: `until ${access?.expiresAt?.toISOString().slice(0, 10)}` }
  })

  await step('replay', 'Pay again with the same key', async () => {
    const again = await pay(client, { paywallId: paywall.id, walletId: wallet.id, idempotencyKey })
    const count = await transfersFrom(wallet.address)
    if (!again.replayed || again.id !== paid.id || count !== 1) throw new Error('the repetition paid again')
    return { says: `the first payment is answered again; the chain shows ${count} transfer` }
  })

  const signedIn = async (name: PersonName) => {
    const browser = createClient({ url: sandbox.serviceUrl, fetch: browserOn(PAGE) })
    const { user } = await signIn(browser, { appId, signer: signerOf(name) })
    return { browser, user }
  }
  const { reader, token } = await step(
    'sign-in',
    'A reader signs in with a wallet, and pays from one of their own',
    async () => {
      const { browser, user } = await signedIn('reader')
      const own = await browser.wallets.open.mutate()
      await mintUsdc(sandbox.chain.url, { to: own.address, amount: 10n * USDC })
      const { transactionHash } = await pay(browser, { paywallId: paywall.id, walletId: own.id })
      // the wallet of somebody else is not there for them
      const refusal = await pay(browser, { paywallId: paywall.id, walletId: wallet.id }).then(() => null, errorOf)
      if (refusal?.code !== 'NOT_FOUND') throw new Error('they paid from a wallet that is not theirs')
      const made = await browser.auth.token.mutate({ scopes: ['payments:read', 'access:read'] })
      return {
        result: { reader: browser, token: made.token },
        says: `${user.address} paid; another's wallet was not found`,
        transactionHash,
      }
    },
  )

  const operators = await step('two-people', 'An operator makes somebody a merchant, but not alone', async () => {
    const [first, second, somebody] = [
      await signedIn('operator'),
      await signedIn('second operator'),
      await signedIn('merchant'),
    ]
    const { id } = await first.browser.users.grantRole.mutate({
      userId: somebody.user.id,
      role: 'merchant',
      reason: 'sells stories',
      idempotencyKey: randomUUID(),
    })
    const alone = await first.browser.approvals.approve.mutate({ approvalId: id }).then(() => null, errorOf)
    if (alone?.code !== 'NEEDS_ANOTHER_PERSON') throw new Error('the operator approved what they asked for')
    await second.browser.approvals.approve.mutate({ approvalId: id })
    const opened = await somebody.browser.paywalls.create.mutate({
      title: 'A story of my own',
      assetId,
      price: USDC,
      recipient: merchant,
      idempotencyKey: randomUUID(),
    })
    return {
      result: { first: first.browser, second: second.browser },
      says: `alone: ${alone.code}; with a second: "${opened.title}" is open`,
    }
  })

  await step('sign-out', "A mini-app reads with the reader's token, until they sign out", async () => {
    const miniApp = createClient({ url: sandbox.serviceUrl, token: () => token })
    const { items } = await miniApp.payments.list.query({})
    const beyond = await miniApp.wallets.open.mutate().then(() => null, errorOf)
    await signOut(reader)
    const after = await Promise.all([
      miniApp.payments.list.query({}).then(() => null, errorOf),
      reader.auth.me.query().then(() => null, errorOf),
    ])
    if (beyond?.code !== 'FORBIDDEN' || after.some((error) => error?.code !== 'UNAUTHENTICATED'))
      throw new Error('a token or a session was good for too much')
    return { says: `${items.length} payment seen, beyond its scope ${beyond.code}; signed out: both ended at once` }
  })

  await step('denied', 'A wallet on the deny list tries', async () => {
    const denied = await fundedWallet('reader-2')
    await client.lists.add.mutate({ list: 'sanctions', address: denied.address, reason: 'named by the regulator' })
    const refusal = await pay(client, { paywallId: paywall.id, walletId: denied.id }).then(() => null, errorOf)
    if (refusal?.code !== 'REFUSED_BY_COMPLIANCE')
      throw new Error(`expected a refusal, got ${refusal?.code ?? 'a payment'}`)
    const [check] = refusal.details.checks as { rule: string; code: string }[]
    return { says: `refused: rule ${check?.rule}, ${check?.code}; nothing was queued` }
  })

  await step('lost-answer', 'Crossmint takes a payment, and its answer is lost', async () => {
    const unlucky = await fundedWallet('reader-3')
    await crossmint.inject({ mode: 'F1', variant: 'drop', count: 1 })
    const payment = await pay(client, { paywallId: paywall.id, walletId: unlucky.id })
    const [fault] = await crossmint.faults()
    const count = await transfersFrom(unlucky.address)
    if (!fault?.fired || count !== 1) throw new Error(`the fault fired ${fault?.fired ?? 0} times, ${count} transfers`)
    return {
      says: `asked again with the same key; the chain shows ${count} transfer`,
      transactionHash: payment.transactionHash,
    }
  })

  const officer = await step('officer', 'The operators name a compliance officer', async () => {
    const { browser, user } = await signedIn('officer')
    const { id } = await operators.first.users.grantRole.mutate({
      userId: user.id,
      role: 'officer',
      reason: 'answers for compliance',
      idempotencyKey: randomUUID(),
    })
    await operators.second.approvals.approve.mutate({ approvalId: id })
    return { result: browser, says: `${user.address}, with the word of both` }
  })

  const forced = await tellTokens(story, sandbox, { server: client, operator: operators.first, officer })

  await step('audit', 'Verify the audit trail, here and without the service', async () => {
    const [payment, operation] = [await verifyTrail(client, paid.id), await verifyTrail(client, forced.id)]
    return {
      says: `${payment} leaves of the first payment and ${operation} of the forced transfer, each chained to the one before`,
    }
  })
} catch {
  // the step has told what failed
} finally {
  await rm(directory, { recursive: true, force: true })
}
process.exitCode = finish()

/** Recomputes an object's trail from its bytes alone. Answers with its length. */
async function verifyTrail(client: Client, objectId: string): Promise<number> {
  const { items } = await client.audit.trail.query({ objectId })
  let previous = '0'.repeat(64)
  for (const [index, { body, hash, sequence }] of items.entries()) {
    const said = JSON.parse(body) as { previous: string }
    const recomputed = createHash('sha256').update(Buffer.of(0)).update(body).digest('hex')
    if (recomputed !== hash || said.previous !== previous || sequence !== BigInt(index + 1))
      throw new Error(`leaf ${sequence} does not fit its chain`)
    previous = hash
  }
  return items.length
}

import { randomUUID } from 'node:crypto'
import {
  type Check,
  type Client,
  type EercOperation,
  type EercToken,
  errorOf,
  type ProviderServiceError,
  type Wallet,
} from '@provider-service/client'
import type { Sandbox } from './sandbox.ts'
import type { timeline } from './timeline.ts'
import { admitHolders, tokenAgent } from './tokens/issue-tokens.ts'

/** Who takes part: the app's server, and people who are signed in. */
interface Cast {
  server: Client
  operator: Client
  officer: Client
}

const BOND = 100n // base units

/** The part of the story in which a permissioned token moves on the L1, or does not. Answers with an operation that settled. */
export async function tellTokens(
  { step }: ReturnType<typeof timeline>,
  { evergreen, tokens }: Pick<Sandbox, 'evergreen' | 'tokens'>,
  { server, operator, officer }: Cast,
): Promise<EercOperation> {
  const { token, anna, ben } = await step('token', 'A bond on a permissioned L1, and two who may hold it', async () => {
    const registered = await server.tokens.register.mutate({
      chainId: evergreen.chainId,
      address: tokens.bond.address,
      agent: tokenAgent,
      idempotencyKey: randomUUID(),
    })
    const [first, second] = await Promise.all(
      ['holder-1', 'holder-2'].map((owner) => server.wallets.create.mutate({ owner })),
    )
    await admitHolders(
      evergreen.url,
      [first!, second!].map(({ address }) => ({ token: registered.address, holder: address, amount: 1_000n * BOND })),
    )
    const roles = Object.keys(registered.roles).filter((name) => registered.roles[name] === 'held')
    return {
      result: { token: registered, anna: first!, ben: second! },
      says: `${registered.symbol} on ${registered.chain} is ${registered.standard}; our agent may ${roles.join(', ')}`,
    }
  })
  const transfer = (from: Wallet, to: Wallet, amount: bigint) => ({
    asked: {
      tokenId: token.id,
      walletId: from.id,
      action: { type: 'transfer', to: to.address, amount },
    } as const,
    done: () =>
      server.eerc.transfer.mutate({
        tokenId: token.id,
        walletId: from.id,
        to: to.address,
        amount,
        idempotencyKey: randomUUID(),
      }),
  })

  await step('token-transfer', 'One holder sends 250 to the other', async () => {
    const { asked, done } = transfer(anna, ben, 250n * BOND)
    const { outcome, checks } = await server.eerc.preflight.query(asked)
    if (outcome !== 'allow') throw new Error(`the preflight says ${outcome}: ${told(checks)}`)
    const { transactionHash } = await settled(server, await done())
    return { says: `${told(checks)}; now ${await balances(server, token, anna, ben)}`, ...hashOf(transactionHash) }
  })

  await step('token-refused', 'The same to somebody who may not hold it', async () => {
    const stranger = await server.wallets.create.mutate({ owner: 'stranger-1' })
    const { asked, done } = transfer(anna, stranger, 250n * BOND)
    const { checks } = await server.eerc.preflight.query(asked)
    refusedFor('HOLDER_MAY_NOT_RECEIVE', await done().then(() => null, errorOf))
    return { says: `refused, nothing was queued: ${told(checks)}` }
  })

  await step('token-freeze', 'An operator freezes 600 of a holder, but not alone', async () => {
    const asked = await operator.eerc.freeze.mutate({
      tokenId: token.id,
      holder: anna.address,
      frozen: 600n * BOND,
      reason: 'a court has asked for it',
      idempotencyKey: randomUUID(),
    })
    const approvalId = asked.approvalId!
    const alone = await operator.approvals.approve.mutate({ approvalId }).then(() => null, errorOf)
    if (alone?.code !== 'NEEDS_ANOTHER_PERSON') throw new Error('the operator approved what they asked for')
    await officer.approvals.approve.mutate({ approvalId })
    const { transactionHash } = await settled(server, asked)
    const after = await transfer(anna, ben, 250n * BOND)
      .done()
      .then(() => null, errorOf)
    const check = refusedFor('UNFROZEN_BALANCE_TOO_LOW', after)
    return {
      says: `alone: ${alone.code}; with an officer: ${asked.state} → settled; then 250 of 750 are refused: ${check.rule}, ${check.code}`,
      ...hashOf(transactionHash),
    }
  })

  return step('token-forced', 'An officer has 500 moved without the holder, of the frozen too', async () => {
    const asked = await officer.eerc.forcedTransfer.mutate({
      tokenId: token.id,
      from: anna.address,
      to: ben.address,
      amount: 500n * BOND,
      reason: 'the court has decided',
      idempotencyKey: randomUUID(),
    })
    await operator.approvals.approve.mutate({ approvalId: asked.approvalId! })
    const operation = await settled(server, asked)
    return {
      result: operation,
      says: `asked for by the officer, approved by the operator; now ${await balances(server, token, anna, ben)}`,
      ...hashOf(operation.transactionHash),
    }
  })
}

/** Waits until an operation is done. @throws Error when it comes to another end */
async function settled(client: Client, { id: operationId }: EercOperation): Promise<EercOperation> {
  for (const deadline = Date.now() + 30_000; ; ) {
    const operation = await client.eerc.get.query({ operationId })
    if (operation.state === 'settled') return operation
    if (!['held', 'accepted', 'submitted'].includes(operation.state) || Date.now() > deadline)
      throw new Error(`the operation is ${operation.state}: ${operation.failure?.message ?? 'without a reason'}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const told = (checks: readonly Check[]) =>
  checks.map(({ rule, outcome, code }) => (outcome === 'allow' ? `✓ ${rule}` : `✗ ${rule} (${code})`)).join(', ')

/** The check by which something was refused. @throws Error when it was not, or not by that */
function refusedFor(code: string, refusal: ProviderServiceError | null): Check {
  const checks = (refusal?.details.checks ?? []) as Check[]
  const check = checks.find((one) => one.code === code)
  if (refusal?.code !== 'REFUSED_BY_COMPLIANCE' || !check)
    throw new Error(`expected a refusal for ${code}, got ${refusal ? `${refusal.code} ${told(checks)}` : 'none'}`)
  return check
}

async function balances(client: Client, { assetId }: EercToken, ...wallets: Wallet[]): Promise<string> {
  const held = await Promise.all(
    wallets.map(async ({ id }) => {
      const all = await client.wallets.balances.query({ walletId: id })
      return all.find((one) => one.assetId === assetId)!.amount / BOND
    }),
  )
  return held.join(' and ')
}

const hashOf = (transactionHash: string | null) => (transactionHash === null ? {} : { transactionHash })

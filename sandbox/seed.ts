import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Client, createClient, type EercToken, type Scope, signIn, type Wallet } from '../client-sdk/index.ts'
import { browserOn } from './browser.ts'
import { mintUsdc } from './chain/deploy-contracts.ts'
import { granted, PAGE, type PersonName, people, signerOf } from './people.ts'
import { FUJI, type Sandbox } from './sandbox.ts'
import { type Admission, admitHolders, tokenAgent } from './tokens/issue-tokens.ts'

/** What a fresh sandbox has in it, to begin with. */
export interface Seed {
  appId: string
  /** Secret of a key of the app. */
  apiKey: string
  assetId: string
  paywallId: string
  walletId: string
  walletAddress: `0x${string}`
  /** Of the L1, each of which both holders have. */
  tokens: EercToken[]
  holders: Pick<Wallet, 'id' | 'address'>[]
}

/** A mark in the keys of the seed, so that seeding again finds what is there. Counts what was ever seeded differently. */
const SEED = 'seed-2'
export const key = (what: string) => `${SEED}-${what}`

export const USDC = 1_000_000n

/**
 * Puts an app, a key, a merchant's paywall, a funded wallet, and the L1's tokens with two holders into a running service, through its own procedures; the second
 * time it finds them there.
 */
export async function seed(sandbox: Sandbox, directory: string): Promise<Seed> {
  const operator = createClient({ url: sandbox.serviceUrl, apiKey: sandbox.operatorKey })
  const asset = await operator.assets.register.mutate({ chainId: FUJI, address: sandbox.contracts.usdc })
  const app = await operator.apps.create.mutate({
    name: 'Payer Tiger',
    origins: [PAGE],
    operators: [people.operator.address, people['second operator'].address],
    idempotencyKey: key('app'),
  })
  await grantRoles(sandbox.serviceUrl, app.id)
  const apiKey = await demoKey(operator, app.id, directory)
  const client = createClient({ url: sandbox.serviceUrl, apiKey })
  const paywall = await client.paywalls.create.mutate({
    title: 'The tiger who came to pay',
    assetId: asset.id,
    price: (3n * USDC) / 2n,
    recipient: '0x90F79bf6EB2c4f870365E785982E1f101E93b906',
    accessSeconds: 30 * 86_400,
    idempotencyKey: key('paywall'),
  })
  const wallet = await client.wallets.create.mutate({ owner: 'demo-reader' })
  if ((await balanceOf(client, wallet.id, asset.id)) < 100n * USDC)
    await mintUsdc(sandbox.chain.url, { to: wallet.address, amount: 1_000n * USDC })
  const tokens = await seedTokens(sandbox, client)
  return {
    appId: app.id,
    apiKey,
    assetId: asset.id,
    paywallId: paywall.id,
    walletId: wallet.id,
    walletAddress: wallet.address,
    ...tokens,
  }
}

/** Registers the tokens of the L1, and has two holders of both of them. */
async function seedTokens({ evergreen, tokens }: Sandbox, client: Client): Promise<Pick<Seed, 'tokens' | 'holders'>> {
  const holders = await Promise.all(
    ['demo-holder-1', 'demo-holder-2'].map((owner) => client.wallets.create.mutate({ owner })),
  )
  const registered: EercToken[] = []
  for (const [name, { address }] of Object.entries(tokens))
    registered.push(
      await client.tokens.register.mutate({
        chainId: evergreen.chainId,
        address,
        agent: tokenAgent,
        idempotencyKey: key(`token-${name}-${evergreen.chainId}`),
      }),
    )
  const admissions: Admission[] = []
  for (const { id, address: holder } of holders) {
    const balances = await client.wallets.balances.query({ walletId: id })
    for (const { assetId, address: token, decimals } of registered) {
      const held = balances.find((balance) => balance.assetId === assetId)?.amount ?? 0n
      if (held === 0n) admissions.push({ token, holder, amount: 1_000n * 10n ** BigInt(decimals) })
    }
  }
  await admitHolders(evergreen.url, admissions)
  return { tokens: registered, holders }
}

/** What a wallet holds of an asset, in base units. */
export async function balanceOf(client: Client, walletId: string, assetId: string): Promise<bigint> {
  const balances = await client.wallets.balances.query({ walletId })
  return balances.find((balance) => balance.assetId === assetId)?.amount ?? 0n
}

/** Gives the sandbox's people their roles in the way of every app: an operator asks, and the other approves. */
async function grantRoles(url: string, appId: string): Promise<void> {
  const client = await signedIn('operator', { url, appId })
  let second: Client | undefined
  for (const [name, role] of granted) {
    const { address } = people[name]
    const { items } = await client.users.list.query({ address })
    if (items[0]?.roles.includes(role)) continue
    // whoever is to get a role must have signed in before
    if (!items[0]) await signedIn(name, { url, appId })
    const [user] = items.length > 0 ? items : (await client.users.list.query({ address })).items
    const wish = { userId: user!.id, role, reason: 'the sandbox needs one', idempotencyKey: crypto.randomUUID() }
    const { id } = await client.users.grantRole.mutate(wish)
    second ??= await signedIn('second operator', { url, appId })
    await second.approvals.approve.mutate({ approvalId: id })
  }
}

/** Somebody of the sandbox, as their browser on the app's page calls. */
export async function signedIn(name: PersonName, { url, appId }: { url: string; appId: string }): Promise<Client> {
  const client = createClient({ url, fetch: browserOn(PAGE) })
  await signIn(client, { appId, signer: signerOf(name) })
  return client
}

/** The app's key for all that its servers may. */
const demoKey = (operator: Client, appId: string, directory: string): Promise<string> =>
  keptKey(operator, { appId, name: 'demo', scopes: null }, join(directory, `${SEED}-api-key`))

/** A key of an app: its secret is shown once, so that the sandbox keeps it in a file that only its owner reads. */
export async function keptKey(
  operator: Client,
  about: { appId: string; name: string; scopes: Scope[] | null },
  path: string,
): Promise<string> {
  const kept = await readFile(path, 'utf8').catch(() => null)
  if (kept) return kept.trim()
  const idempotencyKey = `${about.name}-${crypto.randomUUID()}`
  const { secret } = await operator.apiKeys.create.mutate({ ...about, idempotencyKey })
  await writeFile(path, `${secret}\n`, { mode: 0o600 })
  return secret!
}

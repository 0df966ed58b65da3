import { randomUUID } from 'node:crypto'
import { numberToHex } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient, errorOf } from '../client-sdk/index.ts'
import { deployContracts } from '../sandbox/chain/deploy-contracts.ts'
import { rpc } from '../sandbox/chain/rpc.ts'
import { type Chain, startChain } from '../sandbox/chain/start-chain.ts'
import { type RunningCrossmint, startCrossmint } from '../sandbox/crossmint/start-crossmint.ts'
import { freePort } from '../sandbox/free-port.ts'
import { type RpcProxy, startRpcProxy } from '../sandbox/rpc-proxy/start-rpc-proxy.ts'
import { deployToken, type SandboxTokenStandard } from '../sandbox/tokens/deploy-token.ts'
import { installAllowList, setAllowListRole, txAllowListAddress } from '../sandbox/tokens/install-allow-list.ts'
import type { EercOperation, EercToken } from '../server/contract/eerc.ts'
import type { Address } from '../server/contract/entities.ts'
import { verifyTokens } from '../server/domain/eerc/verify-tokens.ts'
import { sandboxSecrets } from '../server/sandbox-secrets.ts'
import { dataOf } from './domain/approvals/support/wishes.ts'
import { environmentOf, nowhere } from './http/support/instance.ts'
import { listening, run, start } from './http/support/run.ts'
import { eventually } from './support/eventually.ts'
import { issueToken } from './support/issued-token.ts'
import { person } from './support/people.ts'
import { testWorld, type World } from './support/world.ts'

// A second L1 for a service that knew only one: nothing differs but what CHAINS says.

const SECOND = 99_001
const agentKey = generatePrivateKey()
const agent = privateKeyToAddress(agentKey)
const relayerKey = generatePrivateKey()
const relayer = privateKeyToAddress(relayerKey)
const admin = privateKeyToAddress(generatePrivateKey())

let world: World
let second: Chain
/** Takes transactions only of whom the chain's list names, as a node of an L1 does. */
let node: RpcProxy
let crossmint: RunningCrossmint
/** What the service is started with, but for CHAINS. */
let environment: Record<string, string>
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  ;[world, second] = await Promise.all([
    testWorld({ workers: false }).then((started) => stack.use(started)),
    startChain({ chainId: SECOND }).then((started) => stack.use(started)),
  ])
  const [{ usdc, factory }, port] = await Promise.all([deployContracts(second.url), freePort()])
  await installAllowList(second.url, admin)
  node = stack.use(await startRpcProxy(second.url, { allowList: 'precompile' }))
  await rpc(second.url, 'anvil_setBalance', [agent, numberToHex(10n ** 21n)])
  for (const sender of [agent, relayer]) await setAllowListRole(second.url, admin, 'setEnabled', sender)
  const url = `http://127.0.0.1:${port}`
  crossmint = stack.use(
    await startCrossmint({
      apiKeys: [{ key: sandboxSecrets.crossmintApiKey, projectId: 'sandbox' }],
      chains: { 'second-l1': { rpcUrl: node.url, chainId: SECOND, usdc, factory, relayerKey } },
      webhook: { url: `${url}/webhooks/crossmint`, secret: sandboxSecrets.webhookSecret },
      rateLimit: 'unlimited',
    }),
  )
  environment = {
    ...environmentOf(world, crossmint.url),
    LOG_LEVEL: 'info',
    PORT: String(port),
    PUBLIC_URL: url,
    LOCAL_SIGNER_KEYS: `agent:${agentKey}`,
    LOOK_FIRST_MS: '100',
    BLOCK_INTERVAL_MS: '100',
    REPORT_SCHEDULE: 'off',
    RETENTION_SCHEDULE: 'off',
  }
})
afterAll(() => stack.disposeAsync())

const chains = ({ chainId = SECOND, rpcUrl = node.url } = {}) => ({
  CHAINS: JSON.stringify([
    { chainId: world.chain.chainId, rpcUrl: world.chain.url, finality: 4 },
    {
      chainId,
      rpcUrl,
      finality: 4,
      crossmint: 'second-l1',
      crossmintSenders: [relayer],
      localSigner: {},
      txAllowList: true,
    },
  ]),
})
const main = (differently = {}) => start('server/main.ts', [], { ...environment, ...chains(), ...differently })

const tokens: Record<string, EercToken> = {}

test('it is there once CHAINS names it: holders act through Crossmint, the agent through the local signer', async () => {
  const issued = await issueToken({ chain: second, agent })
  const wish = { chainId: SECOND, address: issued.address, agent, idempotencyKey: randomUUID() }
  const before = await world.client.tokens.register.mutate(wish).then(() => null, errorOf)
  expect(before).toMatchObject({ code: 'CHAIN_NOT_SUPPORTED' })

  await using service = main()
  const url = await listening(service)
  const client = createClient({ url, apiKey: world.apiKey })
  const officer = await person(world, { url, roles: ['officer'] })
  tokens.gone = await client.tokens.register.mutate(wish)
  expect(tokens.gone).toMatchObject({
    chain: `eip155:${SECOND}`,
    standard: 'erc-7943',
    roles: { mint: 'held', freeze: 'held' },
  })
  const holder = () => client.wallets.create.mutate({ owner: randomUUID() })
  const [from, to] = [await holder(), await holder()]
  for (const { address } of [from, to]) await issued.behind('changeWhitelist', address, true)
  const settled = ({ id: operationId }: EercOperation) =>
    eventually(async () => {
      const operation = await client.eerc.get.query({ operationId })
      expect(operation).toMatchObject({ state: 'settled' })
      return operation
    })

  const tokenId = tokens.gone.id
  const minting = await client.eerc.mint.mutate({
    tokenId,
    to: from.address,
    amount: 500n,
    reason: 'first issue',
    idempotencyKey: randomUUID(),
  })
  dataOf(await officer.mutate('approvals.approve', { approvalId: minting.approvalId }))
  const minted = await settled(minting)
  const transfer = await client.eerc.transfer.mutate({
    tokenId,
    walletId: from.id,
    to: to.address,
    amount: 200n,
    idempotencyKey: randomUUID(),
  })
  const moved = await settled(transfer)

  expect([await issued.balanceOf(from.address), await issued.balanceOf(to.address)]).toEqual([300n, 200n])
  const senderOf = async ({ transactionHash }: EercOperation) =>
    (await rpc<{ from: string }>(second.url, 'eth_getTransactionByHash', [transactionHash])).from
  expect(await senderOf(minted)).toBe(agent.toLowerCase())
  expect(await senderOf(moved)).toBe(relayer.toLowerCase())

  for (const name of ['otherStandard', 'otherDecimals', 'noToken', 'same'])
    tokens[name] = await client.tokens.register.mutate({
      chainId: SECOND,
      address: await deploy('erc-7943', 6),
      agent,
      idempotencyKey: randomUUID(),
    })
}, 60_000)

test('a node of another chain: it refuses to start, and says which', async () => {
  await using service = main(chains({ chainId: SECOND + 1 }))
  const { code, stdout } = await service.ended
  expect(code).toBe(1)
  expect(stdout).toContain(`Node 1 of chain ${SECOND + 1} is one of chain ${SECOND}. Look at its rpcUrl in CHAINS.`)
})

test('a chain that does not answer: it starts, and says of which tokens it cannot tell', async () => {
  await using service = main(chains({ rpcUrl: nowhere }))
  await listening(service)
  expect(service.output()).toContain('5 registered tokens could not be seen')
  const unknown = await verifyTokens(world.built.services)
  expect(unknown).toHaveLength(5)
  for (const one of unknown)
    expect(one).toMatchObject({ found: 'unseen', because: `Chain eip155:${SECOND} is not in CHAINS.` })
})

test('tokens without code, of another standard or no token any more: it refuses to start, and says which, why and what to do', async () => {
  const { gone, otherStandard, otherDecimals, noToken, same } = tokens as Record<string, EercToken>
  const codeOf = async (address: Address) => rpc<string>(second.url, 'eth_getCode', [address, 'latest'])
  const become = (token: EercToken, code: string) => rpc(second.url, 'anvil_setCode', [token.address, code])
  await become(gone!, '0x')
  await become(otherStandard!, await codeOf(await deploy('erc-1404', 6)))
  await become(otherDecimals!, await codeOf(await deploy('erc-7943', 2)))
  await become(noToken!, await codeOf(txAllowListAddress))

  await using service = main()
  const { code, stdout } = await service.ended
  expect(code).toBe(1)
  const [said] = stdout.split('\n').flatMap((line) => (line.includes('"level":60') ? [JSON.parse(line).msg] : []))
  for (const [{ id, address }, why] of [
    [gone!, 'NO_CODE'],
    [otherStandard!, 'OTHER_STANDARD'],
    [otherDecimals!, 'OTHER_DECIMALS'],
    [noToken!, 'NOT_A_TOKEN'],
  ] as const)
    expect(said).toMatch(new RegExp(`token ${id} \\(\\w+, ${address} on eip155:${SECOND}\\): [^;]+ \\(${why}\\)`))
  expect(said).not.toContain(same!.id)
  expect(said).toContain('Look at the rpcUrl of their chains in CHAINS, and ask their issuers')
})

test('provider tokens verify tells the same at any time; OTHER_TOKENS=warn starts all the same', async () => {
  const verified = await run('server/cli.ts', ['tokens', 'verify'], { ...environment, ...chains() })
  expect(verified.code).toBe(1)
  expect(verified.stdout).toContain(`as registered: token ${tokens.same!.id}`)
  expect(verified.stdout).toMatch(new RegExp(`^OTHER: token ${tokens.gone!.id} .*\\(NO_CODE\\)$`, 'm'))
  expect(verified.stdout).toContain('1 of 5 tokens are what they were registered as')

  await using service = main({ OTHER_TOKENS: 'warn' })
  const client = createClient({ url: await listening(service), apiKey: world.apiKey })
  expect(service.output()).toContain('4 registered tokens are not what they were registered as')
  // whatever it started with, a token that cannot be asked is not acted on
  const wish = { tokenId: tokens.gone!.id, action: { type: 'pause' } } as const
  expect(await client.eerc.preflight.query(wish)).toMatchObject({ outcome: 'deny' })
})

const deploy = (standard: SandboxTokenStandard, decimals: number) =>
  deployToken(second.url, standard, { name: 'Other bond', symbol: 'OTHER', decimals, admin, agent })

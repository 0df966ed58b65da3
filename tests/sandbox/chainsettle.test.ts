import { type Abi, encodeFunctionData, toFunctionSignature, zeroHash } from 'viem'
import { generatePrivateKey, privateKeyToAddress } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rpc } from '../../sandbox/chain/rpc.ts'
import { sendAs } from '../../sandbox/chain/send-as.ts'
import { type Chain, startChain } from '../../sandbox/chain/start-chain.ts'
import { type Control, controlOf } from '../../sandbox/chainsettle/control.ts'
import { deployRegistries, issuer, node, registries, validators } from '../../sandbox/chainsettle/deploy-registries.ts'
import { type RunningChainsettle, startChainsettle } from '../../sandbox/chainsettle/start-chainsettle.ts'
import { docusignRegistryAbi } from '../../sandbox/contracts/attestation-abi.ts'
import attestationIndexer from '../../sandbox/contracts/compiled/AttestationIndexer.json' with { type: 'json' }
import docusignRegistry from '../../sandbox/contracts/compiled/DocusignRegistry.json' with { type: 'json' }
import eas from '../../sandbox/contracts/compiled/EAS.json' with { type: 'json' }
import validatorRegistry from '../../sandbox/contracts/compiled/ValidatorRegistry.json' with { type: 'json' }
import { attest, revoke, schemas } from '../../sandbox/eas/attest.ts'
import { deployEas } from '../../sandbox/eas/deploy-eas.ts'
import { readCallback } from '../../server/gateways/chainsettle/read-callback.ts'
import { docusignRegistryAbi as gatewayAbi } from '../../server/gateways/chainsettle/registry-abi.ts'
import { verifyCallback } from '../../server/gateways/chainsettle/verify-callback.ts'
import { easAbi, indexerAbi } from '../../server/gateways/eas/abi.ts'
import { webhookReceiver } from './world.ts'

let chain: Chain
let simulator: RunningChainsettle
let control: Control
beforeAll(async () => {
  chain = await startChain({ chainId: 84_532 })
  simulator = await startChainsettle({ rpcUrl: chain.url, chainId: 84_532 })
  control = controlOf(simulator.url)
})
afterAll(async () => {
  await simulator.stop()
  await chain.stop()
})
beforeEach(() => control.reset())

const somebody = () => privateKeyToAddress(generatePrivateKey())
const get = async (path: string) => {
  const response = await fetch(simulator.url + path)
  return { status: response.status, body: await response.json() }
}
const statusOf = (idHash: string) => get(`/api/get_settlement_status/${idHash.slice(2)}`)

/** As Chainsettle published it, third generation: every function and event of the registry, and of who may vote. */
const published = {
  docusign: [
    'agreeVotes(bytes32)',
    'attest(bytes32)',
    'confirmedLock(bytes32)',
    'disagreeVotes(bytes32)',
    'finalized(bytes32)',
    'getSettlement(bytes32)',
    'getSettlementCount()',
    'getSettlementHashes()',
    'getSettlementParticipants(bytes32)',
    'getSettlementStatus(bytes32)',
    'getSettlementTimestamp(bytes32)',
    'getSettlementsByAddress(address)',
    'getSettlementsByCounterparty(address)',
    'getSettlementsBySender(address)',
    'getSettlementsByWitness(address)',
    'getValidatorCount()',
    'hasVoted(bytes32,address)',
    'initAttest(bytes32,bytes32,string,string,string,string,string,address,address)',
    'isFinalized(bytes32)',
    'isValidator(address)',
    'lastVotedNonce(bytes32,address)',
    'owner()',
    'postProof(bytes32,uint8,uint256,bytes32)',
    'proposalNonce(bytes32)',
    'registerSettlement(bytes32,bytes32)',
    'settlementExists(bytes32)',
    'settlementHashes(uint256)',
    'validatorRegistry()',
    'voteOnSettlement(bytes32,bool)',
  ],
  docusignEvents: [
    'Attest(bytes32)',
    'PostProof(bytes32,uint8)',
    'SettlementInitialized(bytes32,address,uint256,bytes32)',
    'SettlementRegistered(bytes32)',
    'SettlementValidated(bytes32,uint8,uint256,address,address,address)',
  ],
  validators: [
    'addToWhitelist(address[])',
    'checkValidator(address)',
    'depositAmount()',
    'getValidatorCount()',
    'getValidators()',
    'isValidator(address)',
    'owner()',
    'registerValidator()',
    'registerValidatorByOwner(address)',
    'removeFromWhitelist(address[])',
    'unregisterValidator()',
    'unregisterValidatorByOwner(address)',
    'validatorList(uint256)',
    'whitelist(uint256)',
  ],
}

type Item = { type: string; name?: string; inputs?: { type: string }[] }
const signatures = (abi: readonly unknown[], type: 'function' | 'event') =>
  (abi as Item[])
    .filter((item) => item.type === type)
    .map(({ name, inputs = [] }) => `${name}(${inputs.map((input) => input.type).join(',')})`)
    .sort()

test('the registries have the functions and events that Chainsettle published, and no others', () => {
  expect(signatures(docusignRegistry.abi, 'function')).toEqual(published.docusign)
  expect(signatures(docusignRegistry.abi, 'event')).toEqual(published.docusignEvents)
  expect(signatures(validatorRegistry.abi, 'function')).toEqual(published.validators)
})

test.each([
  ['the registry of the gateway', gatewayAbi, docusignRegistry.abi],
  ['the registry of the sandbox', docusignRegistryAbi, docusignRegistry.abi],
  ['the attestation service of the gateway', easAbi, eas.abi],
  ['the indexer of the gateway', indexerAbi, attestationIndexer.abi],
])('%s is that of the contract, down to the members of structs', (_, written, compiled) => {
  const shapeOf = (abi: Abi) =>
    abi.flatMap((item) =>
      item.type === 'function'
        ? [`${toFunctionSignature(item)} ${JSON.stringify(item.outputs.map(typesOf))}`]
        : item.type === 'event'
          ? [`${item.name} ${item.inputs.map(({ type, indexed }) => `${type} ${indexed ? 'indexed' : ''}`)}`]
          : [],
    )
  expect(shapeOf(compiled as Abi)).toEqual(expect.arrayContaining(shapeOf(written as Abi)))
})

function typesOf(parameter: { type: string; components?: readonly { type: string; name?: string }[] }): unknown {
  return parameter.components ? parameter.components.map(({ name, type }) => `${type} ${name}`) : parameter.type
}

test('deploying again changes nothing; the addresses are known before', async () => {
  const before = await rpc(chain.url, 'eth_blockNumber')
  expect(await deployRegistries(chain.url)).toEqual(registries)
  expect(await rpc(chain.url, 'eth_blockNumber')).toBe(before)
  expect((await get('/api/validator_list?network=base')).body).toEqual({
    'Attest Node': node,
    'Number of Validators': 3,
    'Validator Registry': registries.validatorRegistry,
  })
})

test('only the node registers and proposes, only validators vote, once a round, until it is final', async () => {
  const idHash = await control.attest({ subject: somebody(), stage: 'proposed' })
  const act = (
    from: `0x${string}`,
    functionName: 'registerSettlement' | 'attest' | 'postProof' | 'voteOnSettlement',
    args: unknown[],
  ) => {
    const data = encodeFunctionData({ abi: docusignRegistryAbi, functionName, args } as never)
    return sendAs(chain.url, from, [{ to: registries.docusign, data }])
  }
  const stranger = somebody()
  await expect(act(stranger, 'registerSettlement', [idHash, zeroHash])).rejects.toThrow('Unauthorized')
  await expect(act(stranger, 'attest', [idHash])).rejects.toThrow('Unauthorized')
  await expect(act(stranger, 'postProof', [idHash, 3, 0n, zeroHash])).rejects.toThrow('Unauthorized')
  await expect(act(stranger, 'voteOnSettlement', [idHash, true])).rejects.toThrow('Not a validator')
  await expect(act(node, 'postProof', [idHash, 2, 0n, zeroHash])).rejects.toThrow('Not a proposal')

  const [one, two, three] = validators as [`0x${string}`, `0x${string}`, `0x${string}`]
  await act(one, 'voteOnSettlement', [idHash, true])
  await expect(act(one, 'voteOnSettlement', [idHash, true])).rejects.toThrow('Already voted this round')
  await act(two, 'voteOnSettlement', [idHash, false])
  expect(await control.standing(idHash)).toMatchObject({ finalized: false, agreeVotes: 1, disagreeVotes: 1 })
  await act(three, 'voteOnSettlement', [idHash, true])
  expect(await control.standing(idHash)).toMatchObject({ status: 'confirmed', finalized: true, agreeVotes: 2 })
  await expect(act(node, 'postProof', [idHash, 4, 0n, zeroHash])).rejects.toThrow('Already confirmed')
  await expect(act(node, 'attest', [zeroHash])).rejects.toThrow('Not initialized')
})

test('it says confirmed before anybody has voted, and keeps saying it when they vote against it', async () => {
  const idHash = await control.attest({ subject: somebody(), stage: 'proposed' })
  expect((await statusOf(idHash)).body).toEqual({ status_enum: 3, is_finalized: false })
  await control.vote(idHash, { agree: false })
  expect((await statusOf(idHash)).body).toEqual({ status_enum: 3, is_finalized: true })
  expect(await control.standing(idHash)).toMatchObject({ agreeVotes: 0, disagreeVotes: 2 })
})

test('a lie is told over HTTP until it is taken back; the chain does not lie', async () => {
  const idHash = await control.attest({ subject: somebody(), outcome: 'failed' })
  await control.contradict(idHash, { status: 'confirmed', finalized: true })
  expect((await statusOf(idHash)).body).toEqual({ status_enum: 3, is_finalized: true })
  expect(await control.standing(idHash)).toMatchObject({ status: 'failed', finalized: true })
  await control.contradict(idHash, null)
  expect((await statusOf(idHash)).body).toEqual({ status_enum: 4, is_finalized: true })
})

test('a fault happens at its endpoint and as often as it is told to; the controls are never disturbed', async () => {
  const fault = await control.inject({ mode: 'error', endpoint: 'health', count: 2 })
  expect((await get('/api/settlement_types')).status).toBe(200)
  expect((await get('/api/health')).status).toBe(500)
  expect((await get('/api/health')).status).toBe(500)
  expect((await get('/api/health')).status).toBe(200)
  expect(await control.faults()).toEqual([{ ...fault, left: 0, fired: 2 }])

  const { id } = await control.inject({ mode: 'down' })
  await expect(get('/api/health')).rejects.toThrow('fetch failed')
  await expect(get('/api/health')).rejects.toThrow('fetch failed')
  await control.clear(id)
  expect((await get('/api/health')).status).toBe(200)
})

test('a mode, a stage, a subject or a path that does not exist is refused', async () => {
  await expect(control.inject({ mode: 'tired' as never })).rejects.toThrow('Unknown fault mode')
  await expect(control.attest({ subject: somebody(), stage: 'halfway' as never })).rejects.toThrow('Unknown stage')
  await expect(control.attest('0x1234')).rejects.toThrow('not an address')
  expect((await get('/api/register_settlement')).status).toBe(404)
  expect((await get('/api/get_settlement_status/0x12')).status).toBe(400)
})

test('the journal has what was asked and what was done, in order', async () => {
  const idHash = await control.attest(somebody())
  await statusOf(idHash)
  const entries = await control.journal()
  expect(entries.map((entry) => (entry.type === 'chain' ? entry.deed : entry.type))).toEqual([
    'initialized',
    'registered',
    'attested',
    'proposed',
    'voted',
    'exchange',
  ])
  expect(entries.at(-1)).toMatchObject({ endpoint: 'get_settlement_status', status: 200, fault: null })
  expect(await control.journal({ type: 'exchange', since: entries.at(-1)!.seq })).toEqual([])
})

test('callbacks: unsigned as EscrowBridge sends them, or signed by our extension', async () => {
  await using receiver = await webhookReceiver((_, count) => (count === 1 ? 200 : 202))
  const idHash = await control.attest(somebody())
  expect(await control.sendCallback({ idHash, url: receiver.url })).toBe(200)
  expect(await control.sendCallback({ idHash, url: receiver.url, secret: 'shared', eventId: 'event-1' })).toBe(202)
  await control.sendCallback({ idHash, url: receiver.url, secret: 'shared', clockOffset: -3_600 })
  expect(await control.sendCallback({ idHash, url: 'http://127.0.0.1:9/' })).toBeNull()

  const [unsigned, signed, old] = receiver.received.map(({ text, headers }) => {
    const body = Buffer.from(text)
    const signature = [headers['chainsettle-signature'] ?? []].flat()
    const verify = verifyCallback([Buffer.from('shared')])
    const verdict = verify({ headers: { 'chainsettle-signature': signature }, body }, Date.now())
    return { callback: readCallback(body), verdict }
  })
  expect(unsigned).toEqual({ callback: { idHash, eventId: null }, verdict: { ok: false, reason: 'missing_headers' } })
  expect(JSON.parse(receiver.received[0]!.text)).toEqual({ id_hash: idHash.slice(2), status: 'completed' })
  expect(signed).toMatchObject({ callback: { idHash, eventId: 'event-1' }, verdict: { ok: true, id: 'event-1' } })
  expect(old).toMatchObject({ verdict: { ok: false, reason: 'too_old' } })
  expect((await control.journal({ type: 'callback' })).map(({ signed, status }) => [signed, status])).toEqual([
    [false, 200],
    [true, 202],
    [true, 202],
    [false, null],
  ])
})

test('what is settled outlives the simulator; blocks that are replaced take it with them', async () => {
  const idHash = await control.attest(somebody())
  await simulator.stop()
  simulator = await startChainsettle({ rpcUrl: chain.url, chainId: 84_532 })
  control = controlOf(simulator.url)
  expect((await statusOf(idHash)).body).toEqual({ status_enum: 3, is_finalized: true })

  await control.reorg(2)
  expect((await statusOf(idHash)).body).toEqual({ status_enum: 3, is_finalized: false })
  await control.reorg(10)
  expect(await statusOf(idHash)).toEqual({ status: 404, body: { error: 'Settlement not found' } })
})

test('an attestation is taken back by its attester alone, once; what is over is not indexed', async () => {
  await deployEas(chain.url)
  const recipient = somebody()
  const uid = await attest(chain.url, { recipient, said: { 'bool verifiedAccount': true } })
  await expect(revoke(chain.url, { uid, schema: 'bool verifiedAccount', attester: issuer })).rejects.toThrow('reverted')
  await expect(revoke(chain.url, { uid, schema: 'string verifiedCountry' })).rejects.toThrow('reverted')
  await revoke(chain.url, { uid, schema: 'bool verifiedAccount' })
  await expect(revoke(chain.url, { uid, schema: 'bool verifiedAccount' })).rejects.toThrow('reverted')
  const past = new Date(Date.now() - 86_400_000)
  const said = { data: '0x', schema: schemas['string verifiedCountry'] } as const
  await expect(attest(chain.url, { recipient, said, expiresAt: past })).rejects.toThrow('reverted')
})

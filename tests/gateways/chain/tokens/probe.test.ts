import type { Address } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { deployContracts } from '../../../../sandbox/chain/deploy-contracts.ts'
import { encryptedCapabilities } from '../../../../server/gateways/chain/tokens/capabilities.ts'
import { type ExpectedToken, probeToken, verifyToken } from '../../../../server/gateways/chain/tokens/probe.ts'
import {
  type TokenStandard,
  tokenOperations,
  tokenStandards,
} from '../../../../server/gateways/chain/tokens/token-profile.ts'
import { type AnswersOf, codeOf, install, proxyTo, sentence, word } from './support/odd-contracts.ts'
import { account, admin, agent, alice, roleId, type TokenWorld, tokenWorld } from './support/world.ts'

let world: TokenWorld
beforeAll(async () => {
  world = await tokenWorld()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.reset())

const probe = async (token: Address, signer = agent, as?: TokenStandard) =>
  probeToken(await world.view(), token, signer, as)
const tokenOf = (standard: TokenStandard) => world.subjects[standard].profile.token
const oddToken = (answers: AnswersOf, otherwise?: 'refuses' | 'accepts') =>
  install(world.url, account('odd token'), codeOf(answers, otherwise))

const able = (capabilities: Record<string, boolean>) => Object.keys(capabilities).filter((name) => capabilities[name])
const unfrozen = ['transfer', 'mint', 'burn', 'pause', 'unpause', 'allow', 'disallow']

test.each([
  ['erc-7943', ['erc-7943', 'can-transfer'], [...tokenOperations]],
  ['erc-7943-draft', ['erc-7943-draft', 'can-transfer'], [...tokenOperations]],
  ['erc-3643', ['erc-3643'], [...tokenOperations]],
  ['erc-1404', ['erc-1404'], unfrozen],
  ['can-transfer', ['can-transfer'], unfrozen],
] as const)('%s is known for what it is, and for what it can do', async (standard, standards, operations) => {
  const found = await probe(tokenOf(standard))
  expect(found).toMatchObject({ kind: 'permissioned', standard, standards, decimals: 6 })
  expect(able(found.capabilities).sort()).toEqual([...operations].sort())
})

test.each(tokenStandards)('%s: the roles of a signer are told one by one', async (standard) => {
  const token = tokenOf(standard)
  const rolesOf = async (signer: Address) => {
    const found = await probe(token, signer)
    return found.kind === 'permissioned' ? found.roles : null
  }
  const freezes = ['erc-7943', 'erc-7943-draft', 'erc-3643'].includes(standard)
  const some = freezes ? 'held' : 'unknown'
  const all = { mint: 'held', burn: 'held', pause: 'held', unpause: 'held', allow: 'held', disallow: 'held' }
  expect(await rolesOf(agent)).toEqual({ ...all, freeze: some, 'forced-transfer': some })
  const none = freezes ? 'lacking' : 'unknown'
  expect(await rolesOf(alice)).toEqual({
    ...Object.fromEntries(Object.keys(all).map((name) => [name, 'lacking'])),
    freeze: none,
    'forced-transfer': none,
  })
  const { trex } = world.subjects[standard]
  if (trex) {
    await world.done(trex.call(admin, 'IdentityRegistry', trex.identityRegistry, 'removeAgent', [agent]))
    expect(await rolesOf(agent)).toMatchObject({ mint: 'held', allow: 'lacking', disallow: 'lacking' })
  } else {
    await world.done(world.callOf(admin, token, 'revokeRole', roleId('PAUSER_ROLE'), agent))
    expect(await rolesOf(agent)).toMatchObject({ mint: 'held', pause: 'lacking', unpause: 'lacking' })
  }
})

test('a token behind a proxy is known by its answers', async () => {
  const token = await install(world.url, account('proxy'), proxyTo(tokenOf('erc-7943')))
  const found = await probe(token)
  expect(found).toMatchObject({ standard: 'erc-7943', decimals: 6 })
  expect(able(found.capabilities).sort()).toEqual([...tokenOperations].sort())
})

test('a token of several standards is spoken to in the one that was chosen', async () => {
  expect(await probe(tokenOf('erc-7943'), agent, 'can-transfer')).toMatchObject({ standard: 'can-transfer' })
  await expect(probe(tokenOf('erc-7943'), agent, 'erc-3643')).rejects.toMatchObject({ code: 'OTHER_STANDARD' })
})

test('an encrypted token is known, with what it can do and nothing else', async () => {
  const encrypted = (converter: boolean) =>
    oddToken({
      'decimals()': word(2n),
      'registrar()': word(account('registrar')),
      'isConverter()': word(converter),
      'isAuditorKeySet()': word(true),
    })
  expect(await probe(await encrypted(false))).toMatchObject({
    kind: 'encrypted',
    decimals: 2,
    converter: false,
    auditorSet: true,
    capabilities: encryptedCapabilities({ converter: false }),
  })
  const converter = await probe(await encrypted(true))
  expect(able(converter.capabilities)).toEqual(['register', 'set-auditor', 'private-transfer', 'deposit', 'withdraw'])
  await expect(
    verifyToken(
      await world.view(),
      { token: await encrypted(true), kind: 'permissioned', standard: 'erc-7943', decimals: 2 },
      agent,
    ),
  ).rejects.toMatchObject({ code: 'OTHER_KIND' })
})

test.each([
  [
    'a yes or no with a sentence',
    { 'decimals()': word(0n), 'canTransfer(address,address,uint256)': sentence(false, 'no') },
  ],
  ['a yes or no alone', { 'decimals()': word(0n), 'canTransfer(address,address,uint256)': word(true) }],
] as const)('a token that answers with %s has a rule of its own', async (_, answers) => {
  expect(await probe(await oddToken(answers))).toMatchObject({ standards: ['can-transfer'], decimals: 0 })
})

test.each([
  ['an account', null, 'NO_CODE'],
  ['a contract that is no token', { 'name()': word(1n) }, 'NOT_A_TOKEN'],
  ['a token that says nothing of who may have it', { 'decimals()': word(6n) }, 'NO_KNOWN_STANDARD'],
  [
    'a rule that is neither yes nor no',
    { 'decimals()': word(6n), 'canTransfer(address,address,uint256)': word(7n) },
    'NO_KNOWN_STANDARD',
  ],
  [
    'decimals that are too many',
    { 'decimals()': word(256n), 'canTransfer(address,address,uint256)': word(true) },
    'NOT_A_TOKEN',
  ],
  [
    'compliance that is an account',
    { 'decimals()': word(6n), 'compliance()': word(alice), 'identityRegistry()': word(alice) },
    'NO_KNOWN_STANDARD',
  ],
  [
    'a yes to every interface, and nothing behind it',
    { 'decimals()': word(6n), 'supportsInterface(bytes4)': word(true) },
    'NO_KNOWN_STANDARD',
  ],
] as const)('%s is not taken for a permissioned token', async (_, answers, code) => {
  const token = answers ? await oddToken(answers) : account('nobody here')
  await expect(probe(token)).rejects.toMatchObject({ name: 'TokenRefused', code })
})

test('a contract that accepts whatever it is called is not believed', async () => {
  const token = await oddToken(
    { 'decimals()': word(6n), 'canTransfer(address,address,uint256)': word(true) },
    'accepts',
  )
  await expect(probe(token)).rejects.toMatchObject({ code: 'ANSWERS_EVERYTHING' })
})

test('what anybody can hold is no permissioned token', async () => {
  const { usdc } = await deployContracts(world.url)
  await expect(probe(usdc)).rejects.toMatchObject({ code: 'NO_KNOWN_STANDARD' })
})

test.each([
  [{ standard: 'erc-3643' }, 'OTHER_STANDARD'],
  [{ decimals: 18 }, 'OTHER_DECIMALS'],
  [{ kind: 'encrypted', standard: null }, 'OTHER_KIND'],
  [{ token: account('nobody here') }, 'NO_CODE'],
] as const)('a token that is no longer what was registered is refused: %j', async (otherwise, code) => {
  const registered: ExpectedToken = {
    token: tokenOf('erc-7943'),
    kind: 'permissioned',
    standard: 'erc-7943',
    decimals: 6,
  }
  const view = await world.view()
  expect(await verifyToken(view, registered, agent)).toMatchObject({ standard: 'erc-7943' })
  await expect(verifyToken(view, { ...registered, ...otherwise }, agent)).rejects.toMatchObject({ code })
})

import { type Address, concat, encodeFunctionData, maxUint256, zeroAddress } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { managedTokenAbi } from '../../../../sandbox/tokens/abi.ts'
import { setAllowListRole } from '../../../../sandbox/tokens/install-allow-list.ts'
import { ChainUnavailable } from '../../../../server/gateways/chain/chain.ts'
import { senderRoleAt } from '../../../../server/gateways/chain/tokens/allow-list.ts'
import { canTransferToken } from '../../../../server/gateways/chain/tokens/can-transfer.ts'
import { capabilitiesOf } from '../../../../server/gateways/chain/tokens/capabilities.ts'
import { erc1404Token } from '../../../../server/gateways/chain/tokens/erc-1404.ts'
import { proveEffect, readTokenEvents } from '../../../../server/gateways/chain/tokens/events.ts'
import { readHolding } from '../../../../server/gateways/chain/tokens/holding.ts'
import { preflight } from '../../../../server/gateways/chain/tokens/preflight.ts'
import {
  type TokenCheck,
  type TokenOperation,
  type TokenProfile,
  tokenStandards,
} from '../../../../server/gateways/chain/tokens/token-profile.ts'
import { codeOf, install, sentence, word } from './support/odd-contracts.ts'
import {
  account,
  admin,
  agent,
  alice,
  bob,
  carol,
  roleId,
  type Subject,
  type TokenWorld,
  tokenWorld,
} from './support/world.ts'

let world: TokenWorld
beforeAll(async () => {
  world = await tokenWorld()
})
afterAll(() => world[Symbol.asyncDispose]())
beforeEach(() => world.reset())

const ask = async (profile: TokenProfile, operation: TokenOperation, sender: Address = senderOf(operation)) =>
  preflight(await world.view(), profile, operation, { sender })
const senderOf = (operation: TokenOperation) => (operation.type === 'transfer' ? operation.from : agent)
const transfer = (amount: bigint, to: Address = bob, from: Address = alice): TokenOperation => ({
  type: 'transfer',
  from,
  to,
  amount,
})

/** What was found against it, without the simulation. */
const reasons = (checks: readonly TokenCheck[]) =>
  checks.flatMap(({ rule, outcome, code }) => (outcome === 'deny' && rule !== 'token-simulation' ? [code] : []))
const simulated = (checks: readonly TokenCheck[]) => checks.find(({ rule }) => rule === 'token-simulation')?.code

/** Alice and Bob may hold it, and Alice holds 100. */
async function held(standard: TokenProfile['standard']): Promise<Subject> {
  const subject = world.subjects[standard]
  await world.done(subject.allow(alice), subject.allow(bob), subject.mint(alice, 100n))
  return subject
}

test.each(tokenStandards)(
  '%s: a transfer that nothing speaks against is allowed, and every check is told',
  async (standard) => {
    const { profile } = await held(standard)
    const said = await ask(profile, transfer(40n))
    expect(said.allowed).toBe(true)
    expect(said.checks.map(({ rule }) => rule)).toEqual(
      expect.arrayContaining([
        'tx-allow-list',
        'token-operation',
        'token-role',
        'token-accounts',
        'token-pause',
        'token-balance',
        'token-transfer-rule',
        'token-simulation',
      ]),
    )
    expect(said.checks.at(0)?.rule).toBe('tx-allow-list')
    expect(said.checks.at(-1)?.rule).toBe('token-simulation')
    expect(await world.submit(said.call!)).toMatchObject({ succeeded: true })
    expect(await world.balanceOf(profile.token, bob)).toBe(40n)
  },
)

test.each(tokenStandards)('%s: who may hold it, the pause and the balance are each named', async (standard) => {
  const { profile, pause } = await held(standard)
  expect(reasons((await ask(profile, transfer(101n))).checks)).toContain('BALANCE_TOO_LOW')
  expect(reasons((await ask(profile, transfer(1n, zeroAddress))).checks)).toContain('ADDRESS_IS_ZERO')
  const stranger = await ask(profile, transfer(1n, carol))
  expect(reasons(stranger.checks)).toContain(
    ['erc-1404', 'can-transfer'].includes(standard) ? 'TRANSFER_NOT_PERMITTED' : 'HOLDER_MAY_NOT_RECEIVE',
  )
  await world.done(pause())
  const paused = await ask(profile, transfer(1n))
  expect(reasons(paused.checks)).toContain('TOKEN_PAUSED')
  for (const { allowed, call } of [stranger, paused]) {
    expect(allowed).toBe(false)
    expect(await world.submit(call!)).toMatchObject({ succeeded: false })
  }
})

test.each(tokenStandards)(
  '%s: nobody transfers what is another’s, even where the call would go through',
  async (standard) => {
    const { profile, mint } = await held(standard)
    await world.done(mint(bob, 100n))
    const said = await ask(profile, transfer(10n, bob, alice), bob)
    expect(said).toMatchObject({ allowed: false, call: null })
    expect(reasons(said.checks)).toEqual(['SENDER_NOT_HOLDER'])
    await expect(profile.prepare(await world.view(), transfer(10n), bob)).rejects.toMatchObject({
      code: 'SENDER_NOT_HOLDER',
    })
  },
)

test.each(tokenStandards)('%s: whoever lacks the role is told which', async (standard) => {
  const { profile } = await held(standard)
  for (const operation of [
    { type: 'mint', to: alice, amount: 1n },
    { type: 'burn', from: alice, amount: 1n },
    { type: 'pause' },
  ] as const) {
    expect((await ask(profile, operation)).allowed).toBe(true)
    const said = await ask(profile, operation, alice)
    expect(reasons(said.checks)).toEqual(['SENDER_LACKS_TOKEN_ROLE'])
    expect(simulated(said.checks)).toBe('SENDER_LACKS_TOKEN_ROLE')
    expect(said.checks.find(({ rule }) => rule === 'token-role')!.message).toContain(alice)
  }
})

test.each(tokenStandards)('%s: what it is already, it is not made again', async (standard) => {
  const { profile, pause } = await held(standard)
  expect(reasons((await ask(profile, { type: 'unpause' })).checks)).toEqual(['TOKEN_NOT_PAUSED_YET'])
  await world.done(pause())
  expect(reasons((await ask(profile, { type: 'pause' })).checks)).toEqual(['TOKEN_PAUSED_ALREADY'])
})

test.each(['erc-7943', 'erc-7943-draft'] as const)(
  '%s: canTransfer is true for more than the balance, and that is no permission',
  async (standard) => {
    const { profile, freeze } = await held(standard)
    await world.done(freeze(alice, 70n))
    const canTransfer = (amount: bigint) =>
      world.client.readContract({
        address: profile.token,
        abi: managedTokenAbi,
        functionName: 'canTransfer',
        args: [alice, bob, amount],
      })
    expect(await canTransfer(101n)).toBe(true)
    expect(reasons((await ask(profile, transfer(101n))).checks)).toEqual(['BALANCE_TOO_LOW'])
    expect(await canTransfer(31n)).toBe(false)
    expect(reasons((await ask(profile, transfer(31n))).checks)).toEqual([
      'UNFROZEN_BALANCE_TOO_LOW',
      'TRANSFER_NOT_PERMITTED',
    ])
    expect((await ask(profile, transfer(30n))).allowed).toBe(true)
  },
)

test.each(['erc-7943', 'erc-7943-draft'] as const)(
  '%s: more can be frozen than is there, and it stays withheld',
  async (standard) => {
    const { profile } = await held(standard)
    const freeze: TokenOperation = { type: 'freeze', holder: alice, frozen: 250n }
    const said = await ask(profile, freeze)
    expect(said.allowed).toBe(true)
    const { logs } = await world.submit(said.call!)
    expect(readTokenEvents(logs, [profile.token])).toMatchObject([{ type: 'frozen', holder: alice, frozen: 250n }])
    expect(reasons((await ask(profile, transfer(1n))).checks)).toContain('UNFROZEN_BALANCE_TOO_LOW')
    expect((await ask(profile, transfer(0n))).allowed).toBe(true)
    expect((await ask(profile, { type: 'forced-transfer', from: alice, to: bob, amount: 60n })).allowed).toBe(true)
  },
)

test('erc-3643: its canTransfer is true for what is frozen, for strangers and while it is paused; the reasons are told all the same', async () => {
  const { profile, trex, pause, freeze } = await held('erc-3643')
  const canTransfer = (to: Address) =>
    world.client.readContract({
      address: trex!.compliance,
      abi: managedTokenAbi,
      functionName: 'canTransfer',
      args: [alice, to, 10n],
    })
  const reasonsOf = async (to: Address) => reasons((await ask(profile, transfer(10n, to))).checks)

  await world.done(freeze(alice, 91n))
  expect(await reasonsOf(bob)).toEqual(['UNFROZEN_BALANCE_TOO_LOW'])
  await world.done((await ask(profile, { type: 'freeze', holder: alice, frozen: 90n })).call!)
  expect(await reasonsOf(bob)).toEqual([])
  expect(await reasonsOf(carol)).toEqual(['HOLDER_MAY_NOT_RECEIVE'])
  await world.done(trex!.call(agent, 'Token', profile.token, 'setAddressFrozen', [bob, true]))
  expect(await reasonsOf(bob)).toEqual(['WALLET_FROZEN'])
  await world.done(pause())
  expect(await reasonsOf(carol)).toEqual(['TOKEN_PAUSED', 'HOLDER_MAY_NOT_RECEIVE'])
  expect([await canTransfer(carol), await canTransfer(bob)]).toEqual([true, true])
})

test('erc-3643: a rule of its compliance contract is told as the token’s own, for transfers and for minting', async () => {
  const { profile, trex, allow, disallow } = await held('erc-3643')
  await world.done(disallow(bob), allow(bob, 408), trex!.restrictCountry(408, true))
  expect(reasons((await ask(profile, transfer(10n))).checks)).toEqual(['TRANSFER_NOT_PERMITTED'])
  expect(reasons((await ask(profile, { type: 'mint', to: bob, amount: 1n })).checks)).toEqual([
    'TRANSFER_NOT_PERMITTED',
  ])
  // what is forced is asked of nobody but the registry
  expect((await ask(profile, { type: 'forced-transfer', from: alice, to: bob, amount: 1n })).allowed).toBe(true)
})

test('erc-3643: an absolute target becomes the change that leads to it', async () => {
  const { profile } = await held('erc-3643')
  for (const [target, change] of [
    [70n, 70n],
    [70n, 0n],
    [100n, 30n],
    [25n, -75n],
    [0n, -25n],
  ] as const) {
    const freeze: TokenOperation = { type: 'freeze', holder: alice, frozen: target }
    const said = await ask(profile, freeze)
    expect(said.allowed).toBe(true)
    const { logs } = await world.submit(said.call!)
    expect(readTokenEvents(logs, [profile.token])).toMatchObject([{ type: 'frozen-changed', holder: alice, change }])
    expect(proveEffect(profile, freeze, said.call!, logs)).toMatchObject({ proven: true })
    expect(await world.frozenOf(profile.token, alice)).toBe(target)
  }
  expect(reasons((await ask(profile, { type: 'freeze', holder: alice, frozen: 101n })).checks)).toEqual([
    'FREEZE_ABOVE_BALANCE',
  ])
})

test('erc-3643: an unfreezing that another one came before reverts, and nothing goes below what is there', async () => {
  const { profile, freeze } = await held('erc-3643')
  await world.done(freeze(alice, 50n))
  const { call } = await ask(profile, { type: 'freeze', holder: alice, frozen: 10n })
  await world.done((await ask(profile, { type: 'freeze', holder: alice, frozen: 20n })).call!)
  expect(await world.submit(call!)).toMatchObject({ succeeded: false })
  expect(await world.frozenOf(profile.token, alice)).toBe(20n)
})

test('erc-3643: holders are entered with an identity and a country, once', async () => {
  const { profile, trex } = world.subjects['erc-3643']
  const bare = await ask(profile, { type: 'allow', holder: carol })
  expect(reasons(bare.checks)).toEqual(['IDENTITY_REQUIRED'])
  expect(bare).toMatchObject({ allowed: false, call: null })

  const allow: TokenOperation = {
    type: 'allow',
    holder: carol,
    identity: { contract: account('identity'), country: 756 },
  }
  const said = await ask(profile, allow)
  expect(said.call).toMatchObject({ from: agent, to: trex!.identityRegistry })
  const { logs } = await world.submit(said.call!)
  expect(proveEffect(profile, allow, said.call!, logs)).toMatchObject({ proven: true })
  expect(reasons((await ask(profile, allow)).checks)).toEqual(['HOLDER_ALREADY_ALLOWED'])
  expect(reasons((await ask(profile, { type: 'disallow', holder: bob })).checks)).toEqual(['HOLDER_NOT_ALLOWED_YET'])
})

test.each(['erc-7943', 'erc-7943-draft', 'erc-3643'] as const)(
  '%s: what is forced ignores pause and freeze, not who may receive',
  async (standard) => {
    const { profile, freeze, pause, disallow } = await held(standard)
    await world.done(freeze(alice, 90n), pause(), disallow(alice))
    const force = (to: Address): TokenOperation => ({ type: 'forced-transfer', from: alice, to, amount: 60n })
    expect(reasons((await ask(profile, force(carol))).checks)).toEqual(['HOLDER_MAY_NOT_RECEIVE'])
    const said = await ask(profile, force(bob))
    expect(said.allowed).toBe(true)
    const { logs } = await world.submit(said.call!)
    expect(proveEffect(profile, force(bob), said.call!, logs)).toMatchObject({ proven: true })
    expect(await world.balanceOf(profile.token, bob)).toBe(60n)
    expect(await world.frozenOf(profile.token, alice)).toBe(40n)
  },
)

test.each(['erc-1404', 'can-transfer'] as const)(
  '%s: what the token has nothing for is refused as such, and there is no call',
  async (standard) => {
    const { profile } = await held(standard)
    for (const operation of [
      { type: 'freeze', holder: alice, frozen: 1n },
      { type: 'forced-transfer', from: alice, to: bob, amount: 1n },
    ] as const) {
      const said = await ask(profile, operation)
      expect(said).toMatchObject({ allowed: false, call: null })
      expect(reasons(said.checks)).toEqual(['OPERATION_NOT_SUPPORTED_BY_TOKEN'])
      await expect(profile.prepare(await world.view(), operation, agent)).rejects.toMatchObject({
        code: 'OPERATION_NOT_SUPPORTED_BY_TOKEN',
      })
    }
  },
)

test('erc-1404: the token’s own sentence is told with its number', async () => {
  const { profile } = await held('erc-1404')
  await world.done(world.callOf(admin, profile.token, 'setMaximumHolding', 30n))
  const { checks } = await ask(profile, transfer(31n))
  expect(checks.find(({ code }) => code === 'TRANSFER_NOT_PERMITTED')).toMatchObject({
    message: 'The token restricts this transfer (4): “The recipient would hold more than one may”',
    rule: 'token-transfer-rule',
  })
  expect((await ask(profile, transfer(30n))).allowed).toBe(true)
})

test.each([
  [word(9n), 'TRANSFER_NOT_PERMITTED', 'The token restricts this transfer (9): it does not say why'],
  [word(256n), 'TOKEN_UNREADABLE', null],
] as const)('erc-1404: a number without a sentence refuses all the same', async (number, code, message) => {
  const answers = {
    'balanceOf(address)': word(100n),
    'detectTransferRestriction(address,address,uint256)': number,
    'transfer(address,uint256)': word(true),
  }
  const token = await install(world.url, account('terse'), codeOf(answers))
  const said = await ask(erc1404Token(token, capabilitiesOf(['transfer'])), transfer(1n))
  expect(said.allowed).toBe(false)
  expect(said.checks.find(({ rule }) => rule === 'token-transfer-rule')).toMatchObject({
    code,
    ...(message && { message }),
  })
})

test('a mint beyond what a token can count is named', async () => {
  for (const standard of tokenStandards) {
    const { profile } = await held(standard)
    expect(reasons((await ask(profile, { type: 'mint', to: alice, amount: maxUint256 })).checks)).toEqual([
      'SUPPLY_EXCEEDED',
    ])
  }
})

test('the words of a contract come as one line of no great length', async () => {
  const said = `no\n\u202e${'x'.repeat(5_000)}`
  const token = await install(
    world.url,
    account('wordy'),
    codeOf({
      'canTransfer(address,address,uint256)': sentence(false, said),
      'balanceOf(address)': word(100n),
      'transfer(address,uint256)': word(false),
    }),
  )
  const { checks } = await ask(canTransferToken(token, capabilitiesOf(['transfer'])), transfer(1n))
  const { message } = checks.find(({ code }) => code === 'TRANSFER_NOT_PERMITTED')!
  expect(message.length).toBeLessThan(300)
  expect(message).not.toMatch(/\p{C}/u)
  // it does not revert, but says no
  expect(simulated(checks)).toBe('REFUSED_BY_TOKEN')
})

test.each([
  [
    sentence(false, 'The lock-up ends in May'),
    'The token’s own rule does not permit this transfer: “The lock-up ends in May”',
  ],
  [sentence(false, ''), 'The token’s own rule does not permit this transfer.'],
  // as ERC-1400 answers: a status and a code follow
  [concat([word(false), word(0x54n), word(0x1234n)]), 'The token’s own rule does not permit this transfer.'],
  [word(false), 'The token’s own rule does not permit this transfer.'],
])('can-transfer: a no is understood with or without a sentence', async (answer, message) => {
  const answers = { 'canTransfer(address,address,uint256)': answer, 'balanceOf(address)': word(100n) }
  const token = await install(world.url, account('ruled'), codeOf(answers))
  const { checks } = await ask(canTransferToken(token, capabilitiesOf(['transfer'])), transfer(1n))
  expect(checks.find(({ code }) => code === 'TRANSFER_NOT_PERMITTED')).toMatchObject({ message })
})

test('a token that does not answer what its standard asks is refused', async () => {
  const token = await install(world.url, account('mute'), codeOf({ 'transfer(address,uint256)': word(true) }))
  for (const profile of [
    canTransferToken(token, capabilitiesOf(['transfer'])),
    erc1404Token(token, capabilitiesOf(['transfer'])),
  ]) {
    const said = await ask(profile, transfer(1n))
    expect(said.allowed).toBe(false)
    expect(reasons(said.checks)).toEqual(['TOKEN_UNREADABLE', 'TOKEN_UNREADABLE'])
    expect(simulated(said.checks)).toBe('SIMULATION_ACCEPTED')
  }
})

test('a chain without a list of senders lets everybody send; with one, only who is on it', async () => {
  const { profile } = await held('erc-7943')
  expect(await senderRoleAt(await world.view(), alice)).toBeNull()
  expect((await ask(profile, transfer(1n))).checks[0]).toMatchObject({ code: 'TX_ALLOW_LIST_ABSENT', outcome: 'allow' })
  await expect(
    preflight(await world.view(), profile, transfer(1n), { sender: alice, txAllowList: true }),
  ).rejects.toBeInstanceOf(ChainUnavailable)

  await world.restrictSenders()
  const refused = await ask(profile, transfer(1n))
  expect(refused.allowed).toBe(false)
  expect(reasons(refused.checks)).toEqual(['SENDER_NOT_ON_TX_ALLOW_LIST'])
  // a node does not look at the list in calls
  expect(simulated(refused.checks)).toBe('SIMULATION_ACCEPTED')
  // whoever signs for the chain is who must be on it
  expect(
    (await preflight(await world.view(), profile, transfer(1n), { sender: alice, signers: [admin] })).allowed,
  ).toBe(true)

  const roles = []
  for (const role of ['setEnabled', 'setManager', 'setAdmin', 'setNone'] as const) {
    await setAllowListRole(world.url, admin, role, alice)
    roles.push(await senderRoleAt(await world.view(), alice))
  }
  expect(roles).toEqual(['enabled', 'manager', 'admin', 'none'])
})

test('a manager lets accounts in and out, and touches no other manager', async () => {
  await world.restrictSenders()
  await setAllowListRole(world.url, admin, 'setManager', alice)
  await setAllowListRole(world.url, alice, 'setEnabled', bob)
  expect(await senderRoleAt(await world.view(), bob)).toBe('enabled')
  for (const [sender, role, target] of [
    [alice, 'setAdmin', bob],
    [alice, 'setNone', admin],
    [bob, 'setEnabled', carol],
  ] as const)
    await expect(setAllowListRole(world.url, sender, role, target)).rejects.toThrow('cannot modify allow list')
})

test('an effect is proven by the events of the token alone, with exactly what was asked for', async () => {
  const { profile } = await held('erc-7943')
  const operation = transfer(40n)
  const { call } = await ask(profile, operation)
  const { logs } = await world.submit(call!)
  expect(proveEffect(profile, operation, call!, logs)).toMatchObject({ proven: true })
  for (const other of [
    transfer(41n),
    transfer(40n, carol),
    transfer(40n, bob, carol),
    { type: 'burn', from: alice, amount: 40n },
    { type: 'pause' },
  ] as const)
    expect(proveEffect(profile, other as TokenOperation, call!, logs)).toEqual({ proven: false })
  const elsewhere = logs.map((log) => ({ ...log, address: account('another token') }))
  expect(proveEffect(profile, operation, call!, elsewhere)).toEqual({ proven: false })
  expect(proveEffect(profile, operation, call!, [])).toEqual({ proven: false })
})

test('a role that was taken away between two looks is missed by the second', async () => {
  const { profile } = await held('erc-7943')
  const mint: TokenOperation = { type: 'mint', to: alice, amount: 1n }
  const before = await world.view()
  await world.done(world.callOf(admin, profile.token, 'revokeRole', roleId('MINTER_ROLE'), agent))
  expect((await preflight(before, profile, mint, { sender: agent })).allowed).toBe(true)
  expect(reasons((await ask(profile, mint)).checks)).toEqual(['SENDER_LACKS_TOKEN_ROLE'])
})

test('what a holder has is told with what of it is frozen', async () => {
  for (const [standard, frozen] of [
    ['erc-7943', 30n],
    ['erc-3643', 30n],
    ['can-transfer', 0n],
  ] as const) {
    const { profile, freeze } = await held(standard)
    if (profile.capabilities.freeze) await world.done(freeze(alice, 30n))
    expect(await readHolding(await world.view(), profile, alice)).toEqual({ balance: 100n, frozen })
  }
  const missing = { ...world.subjects['erc-7943'].profile, token: account('nobody here') }
  await expect(readHolding(await world.view(), missing, alice)).rejects.toMatchObject({ code: 'TOKEN_UNREADABLE' })
})

test('the exact calldata of a transfer is that of the token, from its holder', async () => {
  const { profile } = world.subjects['can-transfer']
  expect(await profile.prepare(await world.view(), transfer(7n), alice)).toEqual({
    from: alice,
    to: profile.token,
    data: encodeFunctionData({ abi: managedTokenAbi, functionName: 'transfer', args: [bob, 7n] }),
  })
})

import fc from 'fast-check'
import { type Address, maxUint256, zeroAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { setAllowListRole } from '../../../../sandbox/tokens/install-allow-list.ts'
import { senderRoleAt } from '../../../../server/gateways/chain/tokens/allow-list.ts'
import { proveEffect } from '../../../../server/gateways/chain/tokens/events.ts'
import { preflight } from '../../../../server/gateways/chain/tokens/preflight.ts'
import {
  type TokenCall,
  type TokenOperation,
  tokenOperations,
  tokenStandards,
} from '../../../../server/gateways/chain/tokens/token-profile.ts'
import {
  admin,
  agent,
  alice,
  bob,
  carol,
  roleId,
  roles,
  type Subject,
  type TokenWorld,
  tokenWorld,
} from './support/world.ts'

const holders = [alice, bob, carol] as const
const senders = [alice, bob, agent] as const
/** Mostly whoever may: the holder of a transfer, and the agent of anything else. */
const whoever = ['holder', 'holder', 'holder', 'holder', ...senders] as const
/** Mostly in favour: what is forbidden once should not stay so for the rest of a run. */
const mostly = fc.constantFrom(true, true, true, false)

let world: TokenWorld
beforeAll(async () => {
  world = await tokenWorld()
})
afterAll(() => world[Symbol.asyncDispose]())

const holder = fc.constantFrom(...holders)
const recipient = fc.oneof({ weight: 20, arbitrary: holder }, { weight: 1, arbitrary: fc.constant(zeroAddress) })
const amount = fc.oneof(
  { weight: 12, arbitrary: fc.bigInt({ min: 0n, max: 120n }) },
  { weight: 2, arbitrary: fc.constant(0n) },
  { weight: 1, arbitrary: fc.constantFrom(maxUint256, maxUint256 - 50n) },
)

/** What somebody may ask of us. */
const operation: fc.Arbitrary<TokenOperation> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('transfer'), from: holder, to: recipient, amount }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('mint'), to: recipient, amount }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('burn'), from: holder, amount }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('freeze'), holder, frozen: amount }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('forced-transfer'), from: holder, to: recipient, amount }) },
  { weight: 1, arbitrary: fc.constantFrom({ type: 'pause' } as const, { type: 'unpause' } as const) },
  {
    weight: 2,
    arbitrary: fc.oneof(
      fc.record({ type: fc.constant('allow'), holder }),
      fc.record({
        type: fc.constant('allow'),
        holder,
        identity: fc.record({ contract: fc.constantFrom(alice, zeroAddress), country: fc.constantFrom(250, 408) }),
      }),
      fc.record({ type: fc.constant('disallow'), holder }),
    ),
  },
) as fc.Arbitrary<TokenOperation>

/** What an issuer or a chain does without us. */
const disturbance = fc.oneof(
  { weight: 2, arbitrary: fc.record({ what: fc.constant('allow'), holder, country: fc.constantFrom(250, 408) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('disallow'), holder }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('mint'), holder, amount: fc.bigInt({ min: 1n, max: 100n }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ what: fc.constant('freeze'), holder, amount: fc.bigInt({ min: 0n, max: 150n }) }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ what: 'pause' } as const, { what: 'unpause' } as const, { what: 'unpause' } as const),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('role'), role: fc.constantFrom(...roles), held: mostly }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ what: fc.constant('list'), account: fc.constantFrom(...senders), listed: mostly }),
  },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('rule'), strict: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('wallet'), holder, frozen: fc.boolean() }) },
)
type Disturbance = typeof disturbance extends fc.Arbitrary<infer One> ? One : never

const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ disturb: disturbance }) },
  { weight: 3, arbitrary: fc.record({ operation, sender: fc.constantFrom(...whoever) }) },
)

const [runs, length] = process.env.SOAK ? [60, 60] : [4, 30]

for (const standard of tokenStandards) {
  test(`${standard}: preflight says yes exactly when the chain accepts, and no with a reason`, async () => {
    const subject = world.subjects[standard]
    const seen = { accepted: new Set<string>(), refused: new Set<string>() }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: length, maxLength: length }), async (steps) => {
        await world.reset()
        await start(subject)
        for (const one of steps) {
          if ('disturb' in one) await disturb(subject, one.disturb)
          else {
            const accepted = await agree(subject, one.operation, senderOf(one))
            seen[accepted ? 'accepted' : 'refused'].add(one.operation.type)
          }
        }
      }),
      { numRuns: runs, endOnFailure: !process.env.SOAK },
    )
    // a suite that only ever saw one answer would prove nothing
    const { capabilities } = subject.profile
    const possible = process.env.SOAK ? tokenOperations.filter((operation) => capabilities[operation]) : []
    expect([...seen.accepted]).toEqual(expect.arrayContaining(possible))
    expect([...seen.refused]).toEqual(expect.arrayContaining(process.env.SOAK ? [...tokenOperations] : []))
    expect(seen.accepted.size).toBeGreaterThan(0)
    expect(seen.refused.size).toBeGreaterThan(0)
  })
}

/** Some hold, some are listed: most of what is asked would otherwise be refused for the first reason that comes. */
async function start(subject: Subject) {
  await world.restrictSenders()
  for (const account of [alice, bob, agent]) await setAllowListRole(world.url, admin, 'setEnabled', account)
  for (const account of [alice, bob]) {
    await world.done(subject.allow(account), subject.mint(account, 100n))
  }
}

const senderOf = ({ operation, sender }: { operation: TokenOperation; sender: Address | 'holder' }): Address => {
  if (sender !== 'holder') return sender
  return operation.type === 'transfer' ? operation.from : agent
}

/** Asks beforehand, then does it for good, and compares. */
async function agree(subject: Subject, operation: TokenOperation, sender: Address): Promise<boolean> {
  const { profile } = subject
  const view = await world.view()
  const said = await preflight(view, profile, operation, { sender, txAllowList: true })
  const reasons = said.checks.filter(({ outcome, rule }) => outcome === 'deny' && rule !== 'token-simulation')
  for (const check of said.checks) {
    expect(check.evidence).toContain(view.hash)
    expect(check.remedy === null).toBe(check.outcome === 'allow')
  }

  if (!said.call) {
    expect(said.allowed).toBe(false)
    expect(reasons).not.toEqual([])
    return false
  }
  const listed = (await senderRoleAt(view, sender)) !== 'none'
  const { succeeded, logs } = await world.submit(said.call)
  const accepted = listed && succeeded // a real L1 would not have taken it from somebody who is not listed
  expect({ ...said, allowed: accepted }).toEqual(said)
  expect(said.checks.find(({ rule }) => rule === 'token-simulation')!.outcome === 'allow').toBe(succeeded)
  if (!accepted) {
    expect(reasons).not.toEqual([])
    return false
  }
  expect(reasons).toEqual([])
  expect(proveEffect(profile, operation, said.call, logs)).toMatchObject({ proven: true })
  if (operation.type === 'freeze') expect(await world.frozenOf(profile.token, operation.holder)).toBe(operation.frozen)
  return true
}

/** What does not come about is no matter: it was only to bring about another state. */
async function disturb(subject: Subject, one: Disturbance) {
  if (one.what === 'list') return setAllowListRole(world.url, admin, one.listed ? 'setEnabled' : 'setNone', one.account)
  const call = changeOf(subject, one)
  if (call) await world.submit(call)
}

function changeOf(
  { profile: { token, standard }, trex, ...subject }: Subject,
  one: Exclude<Disturbance, { what: 'list' }>,
): TokenCall | undefined {
  switch (one.what) {
    case 'allow':
      return subject.allow(one.holder, one.country)
    case 'disallow':
      return subject.disallow(one.holder)
    case 'mint':
      return subject.mint(one.holder, one.amount)
    case 'freeze':
      return subject.freeze(one.holder, one.amount)
    case 'pause':
      return subject.pause()
    case 'unpause':
      return subject.unpause()
    case 'role': {
      if (!trex) return world.callOf(admin, token, one.held ? 'grantRole' : 'revokeRole', roleId(one.role), agent)
      const change = one.held ? 'addAgent' : 'removeAgent'
      return one.role === 'WHITELIST_ROLE'
        ? trex.call(trex.owner, 'IdentityRegistry', trex.identityRegistry, change, [agent])
        : trex.call(trex.owner, 'Token', token, change, [agent])
    }
    case 'rule': {
      const most = one.strict ? 60n : maxUint256
      if (standard === 'erc-1404') return world.callOf(admin, token, 'setMaximumHolding', most)
      if (standard === 'can-transfer') return world.callOf(admin, token, 'setMaximumTransfer', most)
      return trex?.restrictCountry(408, one.strict)
    }
    case 'wallet':
      return trex?.call(agent, 'Token', token, 'setAddressFrozen', [one.holder, one.frozen])
  }
}

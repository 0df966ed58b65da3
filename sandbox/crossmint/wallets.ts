import { randomBytes } from 'node:crypto'
import { type Address, keccak256, toHex } from 'viem'
import type { z } from 'zod'
import { accountAddress, readAddress } from './account.ts'
import { refuse } from './errors.ts'
import type { Creation, DelegatedSigner, Signer, Wallet } from './records.ts'
import type { newWallet } from './schemas.ts'
import { readSigner } from './signers.ts'
import type { Simulator } from './simulator.ts'

const forEver = 2 ** 48 - 1

/** The wallet of that owner, key or seed, made when there is none yet. @throws Refusal 400 */
export function createWallet(
  simulator: Simulator,
  projectId: string,
  input: z.infer<typeof newWallet>,
  creation: Creation,
): { wallet: Wallet; isNew: boolean } {
  if (input.type === 'mpc') throw refuse(400, 'MPC wallets are not enabled for this project')
  const { adminSigner: config, recoveryMethods, delegatedSigners = [], creationSeed } = input.config ?? {}
  if (config && recoveryMethods) {
    throw refuse(400, 'Send either adminSigner or recoveryMethods', 'RECOVERY_ADMIN_SIGNER_CONFLICT')
  }
  const given = config ?? recoveryMethods?.[0]
  if (!given) throw refuse(400, 'An admin signer is required to create a smart wallet')
  const adminSigner = readSigner(projectId, given)

  const owner = input.owner ?? null
  const alias = input.alias ?? null
  const existing = owner !== null || alias !== null ? simulator.store.walletOf(projectId, owner, alias) : undefined
  if (existing) return { wallet: existing, isNew: false }

  const delegated = delegatedSigners.map((each) => ({
    ...readSigner(projectId, each.signer),
    expiresAt: each.expiresAt ?? null,
  }))
  const grants = delegated.map(({ address, expiresAt }) => ({
    signer: address,
    validUntil: expiresAt ? Math.floor(Date.parse(expiresAt) / 1000) : forEver,
  }))
  const salt = keccak256(toHex(JSON.stringify([projectId, creationSeed ?? randomBytes(16).toString('hex')])))
  const chains = [...simulator.chains.values()]
  const address = accountAddress(chains[0]!.factory, { adminSigner, grants, salt })
  if (simulator.store.maps.wallet.has(address)) {
    throw refuse(400, 'A wallet with this creation seed and signer already exists')
  }
  const wallet: Wallet = {
    projectId,
    address,
    owner,
    alias,
    adminSigner,
    grants,
    salt,
    creation,
    delegatedSigners: delegated.map(
      (signer): DelegatedSigner => ({
        ...signer,
        removed: false,
        chains: Object.fromEntries(chains.map(({ slug }) => [slug, null])),
      }),
    ),
    createdAt: new Date().toISOString(),
  }
  simulator.store.save('wallet', wallet)
  return { wallet, isNew: true }
}

/**
 * The project's wallet behind any of its locators: the address, `<owner>:evm[:smart][:alias:<alias>]`, or
 * `evm[:smart]:alias:<alias>`. An owner may contain colons, so it is read from the end.
 *
 * @throws Refusal 404
 */
export function findWallet(simulator: Simulator, projectId: string, locator: string): Wallet {
  const address = readAddress(locator)
  const wallet = address ? simulator.store.maps.wallet.get(address) : byName(simulator, projectId, locator)
  if (!wallet || wallet.projectId !== projectId) throw refuse(404, `Wallet not found: ${locator}`)
  return wallet
}

/** Where a transfer to a locator goes: an address stands for itself. @throws Refusal 404 */
export function recipientOf(simulator: Simulator, projectId: string, locator: string): Address {
  return readAddress(locator) ?? findWallet(simulator, projectId, locator).address
}

export function viewWallet({ address, owner, alias, adminSigner, delegatedSigners, createdAt }: Wallet) {
  return {
    chainType: 'evm',
    type: 'smart',
    address,
    config: {
      adminSigner: viewSigner(adminSigner),
      delegatedSigners: delegatedSigners.filter(({ removed }) => !removed).map(viewSigner),
    },
    ...(owner !== null && { owner }),
    ...(alias !== null && { alias }),
    createdAt,
  }
}

export function viewSigner({ type, address, locator }: Signer) {
  return { type, address, locator }
}

function byName(simulator: Simulator, projectId: string, locator: string): Wallet | undefined {
  const named = /^(?:(?<owner>.+):)?evm(?::smart)?(?::alias:(?<alias>[^:]+))?$/s.exec(locator)
  const { owner = null, alias = null } = named?.groups ?? { owner: locator }
  return simulator.store.walletOf(projectId, owner, alias)
}

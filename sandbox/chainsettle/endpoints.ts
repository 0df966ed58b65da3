import { randomUUID } from 'node:crypto'
import { type Address, getAddress, type Hash, isAddress, zeroAddress, zeroHash } from 'viem'
import { z } from 'zod'
import docusignRegistry from '../contracts/compiled/DocusignRegistry.json' with { type: 'json' }
import validatorRegistry from '../contracts/compiled/ValidatorRegistry.json' with { type: 'json' }
import { node, registries, validators } from './deploy-registries.ts'
import { Refusal } from './refusal.ts'
import { statuses } from './registry.ts'
import { attest, idHashOf, initialize, propose, randomHash, register, vote } from './settle.ts'
import type { Remembered, Simulator } from './simulator.ts'

export interface Endpoint {
  name: string
  method: 'GET' | 'POST'
  /** What follows it in the path is the id. */
  path: string
  handle(simulator: Simulator, given: { id: string; query: URLSearchParams; body: unknown }): unknown
}

/**
 * The HTTP interface of the second generation, and what the third has of its own. Paths and the names of fields are Chainsettle's; what its
 * answers hold beyond the fields that its client reads is inferred. As there, nobody has to say who they are.
 */
export const endpoints: Endpoint[] = [
  {
    name: 'health',
    method: 'GET',
    path: '/api/health',
    handle: () => ({ status: 'ok', git_commit: 'sandbox', build_time: '2025-07-01T00:00:00Z' }),
  },
  { name: 'utils_health', method: 'GET', path: '/utils/health', handle: () => ({ status: 'ok' }) },
  {
    name: 'settlement_types',
    method: 'GET',
    path: '/api/settlement_types',
    handle: ({ options }) => ({
      supported_types: ['docusign'],
      supported_networks: [options.network],
      supported_asset_categories: ['real_estate', 'private_credit', 'commodity', 'other'],
      supported_jurisdictions: ['us', 'uk', 'eu', 'pa', 'mx', 'ng', 'other'],
    }),
  },
  {
    name: 'config',
    method: 'GET',
    path: '/api/config',
    handle: ({ options }) => ({
      [options.network]: {
        registry_addresses: { docusign: registries.docusign, ValidatorRegistry: registries.validatorRegistry },
        abis: { docusign: docusignRegistry.abi, ValidatorRegistry: validatorRegistry.abi },
        explorer_url: explorer,
      },
    }),
  },
  {
    name: 'validator_list',
    method: 'GET',
    path: '/api/validator_list',
    handle: (simulator, { query }) => {
      requireNetwork(simulator, query.get('network'))
      return {
        'Attest Node': node,
        'Number of Validators': validators.length,
        'Validator Registry': registries.validatorRegistry,
      }
    },
  },
  { name: 'init_attest', method: 'POST', path: '/api/init_attest', handle: initAttest },
  { name: 'simulate_signing', method: 'POST', path: '/api/simulate_signing', handle: simulateSigning },
  { name: 'attest', method: 'POST', path: '/api/attest', handle: attestSettlement },
  {
    name: 'store_salt',
    method: 'POST',
    path: '/api/store_salt',
    handle: async (simulator, { body }) => {
      const { id_hash } = read(z.object({ id_hash: hash, salt: hash }), body)
      await standingOf(simulator, id_hash)
      return { status: 'stored' }
    },
  },
  {
    name: 'get_settlement_status',
    method: 'GET',
    path: '/api/get_settlement_status/',
    handle: async (simulator, { id }) => {
      const { status, finalized } = await told(simulator, read(hash, id))
      return { status_enum: statuses.indexOf(status), is_finalized: finalized }
    },
  },
  { name: 'get_settlement', method: 'GET', path: '/api/get_settlement/', handle: getSettlement },
  {
    name: 'register_settlement',
    method: 'POST',
    path: '/settlement/register_settlement',
    handle: async (simulator, { body }) => {
      const { salt, settlement_id } = read(z.object({ salt: hash, settlement_id: z.string().min(1) }), body)
      const idHash = idHashOf(salt, settlement_id)
      const { status } = await standingOf(simulator, idHash)
      if (status === 'initialized') await register(simulator, idHash, zeroHash)
      const remembered = remember(simulator, idHash, settlement_id, salt)
      return { settlement_info: { ...idsOf(remembered), user_url: `${explorer}/sign/${remembered.envelopeId}` } }
    },
  },
]

const explorer = 'https://explorer.sandbox.invalid'

const hash = z
  .string()
  .regex(/^(0x)?[0-9a-f]{64}$/i, 'Invalid hash')
  .transform((value): Hash => `0x${value.replace(/^0x/i, '').toLowerCase()}`)

const address = z
  .string()
  .refine((value) => isAddress(value, { strict: false }), 'Invalid address')
  .transform((value): Address => getAddress(value))

const details = z.object({
  asset_name: z.string().default(''),
  asset_tag: z.string().default(''),
  geo_id: z.string().default(''),
  jurisdiction: z.string().default(''),
  document_uri: z.string().default(''),
})

const newSettlement = z.object({
  settlement_id: z.string().min(1),
  settlement_type: z.string(),
  network: z.string(),
  user_email: z.string(),
  counterparty: address,
  witness: address.default(zeroAddress),
  details: z.union([details, z.literal('').transform(() => details.parse({}))]).default(details.parse({})),
})

async function initAttest(simulator: Simulator, { body }: { body: unknown }) {
  const given = read(newSettlement, body)
  if (given.settlement_type !== 'docusign')
    throw new Refusal(400, `Unsupported settlement type: ${given.settlement_type}`)
  requireNetwork(simulator, given.network)
  const known = [...simulator.remembered.values()].some(({ settlementId }) => settlementId === given.settlement_id)
  if (known) throw new Refusal(400, 'Settlement ID already exists')

  const salt = randomHash()
  const idHash = idHashOf(salt, given.settlement_id)
  const { asset_name, asset_tag, geo_id, jurisdiction, document_uri } = given.details
  const init = await initialize(simulator, {
    idHash,
    counterparty: given.counterparty,
    witness: given.witness,
    sender: node,
    assetName: asset_name,
    assetTag: asset_tag,
    geoId: geo_id,
    jurisdiction,
    documentURI: document_uri,
  })
  await register(simulator, idHash, zeroHash)
  const remembered = remember(simulator, idHash, given.settlement_id, salt)
  remembered.transactions.init = init
  return {
    settlement_info: {
      ...idsOf(remembered),
      salt: bare(salt),
      envelope_id: remembered.envelopeId,
      recipient_id: remembered.recipientId,
      tx_hash: bare(init),
      tx_url: `${explorer}/tx/${init}`,
      notify_email: given.user_email,
    },
  }
}

function simulateSigning({ remembered }: Simulator, { body }: { body: unknown }) {
  const given = read(z.object({ envelope_id: z.string(), recipient_id: z.string() }), body)
  const signed = [...remembered.values()].find(
    ({ envelopeId, recipientId }) => envelopeId === given.envelope_id && recipientId === given.recipient_id,
  )
  if (!signed) throw new Refusal(404, 'Envelope not found')
  signed.proof = 'confirmed'
  return { status: 'signed', envelope_id: given.envelope_id }
}

async function attestSettlement(simulator: Simulator, { body }: { body: unknown }) {
  const { id_hash } = read(z.object({ id_hash: hash }), body)
  const remembered = simulator.remembered.get(id_hash)
  const { docHash } = await standingOf(simulator, id_hash)
  const proof = remembered?.proof ?? 'failed'
  const attested = await attest(simulator, id_hash)
  await propose(simulator, id_hash, proof, docHash)
  const votes = simulator.voting.automatic ? await vote(simulator, id_hash) : []
  if (remembered) remembered.transactions = { ...remembered.transactions, attest: attested, validate: votes.at(-1) }
  return {
    internal_status: 'attested',
    attest_tx_hash: bare(attested),
    validate_tx_hash: votes.map(bare).at(-1) ?? null,
  }
}

async function getSettlement(simulator: Simulator, { id }: { id: string }) {
  const idHash = read(hash, id)
  const { counterparty } = await standingOf(simulator, idHash)
  const { status, finalized } = await told(simulator, idHash)
  const remembered = simulator.remembered.get(idHash)
  return {
    data: {
      ...(remembered && idsOf(remembered)),
      id_hash: bare(idHash),
      settlement_type: 'docusign',
      network: simulator.options.network,
      counterparty,
      status_enum: statuses.indexOf(status),
      is_finalized: finalized,
      // its interface gives such things to anybody; nobody who reads it may keep them
      notify_email: 'somebody@example.com',
      access_token: 'access-sandbox-of-somebody',
    },
  }
}

/** How a settlement stands by the word of this interface, which may be a lie. */
async function told(simulator: Simulator, idHash: Hash) {
  return simulator.lies.get(idHash) ?? (await standingOf(simulator, idHash))
}

async function standingOf({ registry }: Simulator, idHash: Hash) {
  const standing = await registry.standing(idHash)
  if (!standing) throw new Refusal(404, 'Settlement not found')
  return standing
}

function remember({ remembered, options }: Simulator, idHash: Hash, settlementId: string, salt: Hash): Remembered {
  const known = remembered.get(idHash)
  if (known) return known
  const settlement: Remembered = {
    idHash,
    settlementId,
    salt,
    network: options.network,
    proof: 'failed',
    envelopeId: randomUUID(),
    recipientId: '1',
    transactions: {},
  }
  remembered.set(idHash, settlement)
  return settlement
}

const idsOf = ({ idHash, settlementId }: Remembered) => ({ id_hash: bare(idHash), settlement_id: settlementId })

function requireNetwork({ options }: Simulator, network: string | null): void {
  if (network !== options.network) throw new Refusal(400, `Unsupported network: ${network}`)
}

/** Hashes go over the wire without `0x`. */
const bare = (value: Hash) => value.slice(2)

/** @throws Refusal 400 that names each field at fault. */
function read<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Refusal(
    400,
    parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`).join('; '),
  )
}

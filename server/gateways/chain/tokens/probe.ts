import { type Address, encodeFunctionData, type Hex, toFunctionSelector } from 'viem'
import {
  compliance3643,
  encryptedErc,
  erc20,
  erc165,
  erc1404,
  erc3643,
  erc7943,
  identityRegistry3643,
  managed,
} from './abi.ts'
import type { BlockView } from './block-view.ts'
import { decodePermission } from './can-transfer.ts'
import { capabilitiesOf, encryptedCapabilities } from './capabilities.ts'
import { customaryRoles, roleIn, roleQuestions } from './customary-roles.ts'
import { question, readAll } from './questions.ts'
import {
  type TokenCapabilities,
  type TokenOperationName,
  TokenRefused,
  type TokenStandard,
  tokenOperations,
} from './token-profile.ts'

/** What a token answers to the question whether an account has a role; `unknown` where it has no usual way to tell. */
export type RoleHolding = 'held' | 'lacking' | 'unknown'

/** What was found at an address. */
export type TokenProbe = {
  name: string
  symbol: string
  decimals: number
  capabilities: TokenCapabilities
} & (
  | {
      kind: 'permissioned'
      /** The one it is spoken to in: that which was asked for, or else the most telling. */
      standard: TokenStandard
      /** Every standard that it speaks, the most telling first. */
      standards: TokenStandard[]
      /** What the signer may do with it. A transfer takes no role. */
      roles: Record<Exclude<TokenOperationName, 'transfer'>, RoleHolding>
    }
  | { kind: 'encrypted'; converter: boolean; auditorSet: boolean }
)

/** What a token was registered as. */
export interface ExpectedToken {
  token: Address
  kind: TokenProbe['kind']
  /** Null of an encrypted one. */
  standard: TokenStandard | null
  decimals: number
}

/**
 * Finds out what is at an address: its kind, the standards that it speaks, what it can do and what `signer` may do with it. `as` is the standard
 * that it is to be spoken to in.
 *
 * @throws TokenRefused NO_CODE, NOT_A_TOKEN, ANSWERS_EVERYTHING, NO_KNOWN_STANDARD, OTHER_STANDARD
 * @throws ChainUnavailable
 */
export async function probeToken(
  view: BlockView,
  token: Address,
  signer: Address,
  as?: TokenStandard,
): Promise<TokenProbe> {
  const code = await view.code(token)
  if (code === '0x') throw new TokenRefused('NO_CODE', `There is no contract at ${token}.`)
  const [asked, able] = await Promise.all([
    readAll(view, identifying(token)),
    customaryFunctions(view, token, code, signer),
  ])
  const { name = '', symbol = '', decimals } = asked
  if (decimals === undefined || decimals > 255)
    throw new TokenRefused('NOT_A_TOKEN', `The contract ${token} does not say its decimals.`)
  if (able.has(nothing))
    throw new TokenRefused('ANSWERS_EVERYTHING', `The contract ${token} accepts calls of functions that no token has.`)

  if (asked.registrar !== undefined && asked.converter !== undefined) {
    const { converter, auditorSet = false } = asked
    const capabilities = encryptedCapabilities({ converter })
    return { kind: 'encrypted', name, symbol, decimals, capabilities, converter, auditorSet }
  }

  const suite = asked.compliance && asked.registry ? { compliance: asked.compliance, registry: asked.registry } : null
  const standards: TokenStandard[] = []
  // a contract that says yes to this id does not know ERC-165
  if (asked.erc165 && asked.invalid === false) {
    if (asked.final) standards.push('erc-7943')
    if (asked.draft) standards.push('erc-7943-draft')
  }
  if (suite && (await isSuite(view, suite))) standards.push('erc-3643')
  if (asked.restriction !== undefined) standards.push('erc-1404')
  if (asked.permission !== undefined) standards.push('can-transfer')
  const standard = as ?? standards[0]
  if (!standard)
    throw new TokenRefused('NO_KNOWN_STANDARD', `The token ${token} says in no known way who may transfer it.`)
  if (!standards.includes(standard))
    throw new TokenRefused(
      'OTHER_STANDARD',
      `The token ${token} speaks ${standards.join(', ') || 'no known standard'}, not ${standard}.`,
    )

  const suited = standard === 'erc-3643'
  return {
    kind: 'permissioned',
    standard,
    standards,
    name,
    symbol,
    decimals,
    capabilities: capabilitiesOf(suited ? tokenOperations : ['transfer', ...operationsOf(able)]),
    roles: suited ? await agentRoles(view, token, suite!.registry, signer) : await rolesOf(view, token, signer),
  }
}

/**
 * Sees that a token still is what it was registered as.
 *
 * @throws TokenRefused as `probeToken` does, and OTHER_KIND, OTHER_DECIMALS
 * @throws ChainUnavailable
 */
export async function verifyToken(view: BlockView, expected: ExpectedToken, signer: Address): Promise<TokenProbe> {
  const { token, kind, standard, decimals } = expected
  const found = await probeToken(view, token, signer, standard ?? undefined)
  if (found.kind !== kind) throw new TokenRefused('OTHER_KIND', `The token ${token} is ${found.kind}, not ${kind}.`)
  if (found.decimals !== decimals)
    throw new TokenRefused('OTHER_DECIMALS', `The token ${token} has ${found.decimals} decimals, not ${decimals}.`)
  return found
}

const somebody: Address = '0x000000000000000000000000000000000000dEaD'
const nobody: Address = '0x0000000000000000000000000000000000000000'

function identifying(token: Address) {
  const supports = (id: Hex) => question(token, erc165, 'supportsInterface', id)
  const { decode: _, ...canTransfer } = question(token, erc7943, 'canTransfer', nobody, nobody, 0n)
  return {
    name: question(token, erc20, 'name'),
    symbol: question(token, erc20, 'symbol'),
    decimals: question(token, erc20, 'decimals'),
    erc165: supports('0x01ffc9a7'),
    invalid: supports('0xffffffff'),
    final: supports('0x3edbb4c4'),
    draft: supports('0x29388973'),
    compliance: question(token, erc3643, 'compliance'),
    registry: question(token, erc3643, 'identityRegistry'),
    restriction: question(token, erc1404, 'detectTransferRestriction', nobody, nobody, 0n),
    permission: { ...canTransfer, decode: decodePermission },
    registrar: question(token, encryptedErc, 'registrar'),
    converter: question(token, encryptedErc, 'isConverter'),
    auditorSet: question(token, encryptedErc, 'isAuditorKeySet'),
  }
}

async function isSuite(view: BlockView, { compliance, registry }: { compliance: Address; registry: Address }) {
  const { permission, verified } = await readAll(view, {
    permission: question(compliance, compliance3643, 'canTransfer', nobody, nobody, 0n),
    verified: question(registry, identityRegistry3643, 'isVerified', nobody),
  })
  return permission !== undefined && verified !== undefined
}

/** In no token: its name says that it is none. */
const nothing = 'function thisFunctionIsInNoToken()'

/** Each operation takes these functions, called harmlessly: nobody signs the call, and nothing would move. */
const functions: Record<Exclude<TokenOperationName, 'transfer'>, Record<string, Hex>> = {
  mint: { mint: encodeFunctionData({ abi: managed, functionName: 'mint', args: [somebody, 0n] }) },
  burn: { burn: encodeFunctionData({ abi: managed, functionName: 'burn', args: [somebody, 0n] }) },
  freeze: {
    setFrozenTokens: encodeFunctionData({ abi: erc7943, functionName: 'setFrozenTokens', args: [somebody, 0n] }),
    getFrozenTokens: encodeFunctionData({ abi: erc7943, functionName: 'getFrozenTokens', args: [somebody] }),
  },
  'forced-transfer': {
    forcedTransfer: encodeFunctionData({
      abi: erc7943,
      functionName: 'forcedTransfer',
      args: [somebody, somebody, 0n],
    }),
  },
  pause: {
    pause: encodeFunctionData({ abi: managed, functionName: 'pause' }),
    paused: encodeFunctionData({ abi: managed, functionName: 'paused' }),
  },
  unpause: {
    unpause: encodeFunctionData({ abi: managed, functionName: 'unpause' }),
    paused: encodeFunctionData({ abi: managed, functionName: 'paused' }),
  },
  allow: {
    changeWhitelist: encodeFunctionData({ abi: managed, functionName: 'changeWhitelist', args: [somebody, true] }),
    isWhitelisted: encodeFunctionData({ abi: managed, functionName: 'isWhitelisted', args: [somebody] }),
  },
  disallow: {
    changeWhitelist: encodeFunctionData({ abi: managed, functionName: 'changeWhitelist', args: [somebody, true] }),
    isWhitelisted: encodeFunctionData({ abi: managed, functionName: 'isWhitelisted', args: [somebody] }),
  },
}

/**
 * The functions among these that a token has. A contract without a function refuses the call without a word; one that has it accepts, or says
 * why not. Behind a proxy that is all there is to see; in the token's own code the selector can be seen too.
 */
async function customaryFunctions(view: BlockView, token: Address, code: Hex, signer: Address): Promise<Set<string>> {
  const calls = Object.assign({ [nothing]: toFunctionSelector(nothing) }, ...Object.values(functions)) as Record<
    string,
    Hex
  >
  const names = Object.keys(calls)
  const attempts = await view.attempt(names.map((name) => ({ from: signer, to: token, data: calls[name]! })))
  return new Set(
    names.filter((name, index) => {
      const attempt = attempts[index]!
      const inCode = name !== nothing && code.includes(`63${calls[name]!.slice(2, 10)}`) // PUSH4 and the selector
      return attempt.accepted || attempt.data !== null || inCode
    }),
  )
}

const operationsOf = (able: ReadonlySet<string>) =>
  Object.entries(functions)
    .filter(([, calls]) => Object.keys(calls).every((name) => able.has(name)))
    .map(([operation]) => operation as TokenOperationName)

async function rolesOf(view: BlockView, token: Address, signer: Address) {
  const names = [...new Set(Object.values(customaryRoles).flat())]
  const answers = await readAll(view, roleQuestions(token, names, signer))
  return mapRoles((operation) => {
    const role = roleIn(answers, customaryRoles[operation])
    return role === null ? 'unknown' : role.held ? 'held' : 'lacking'
  })
}

async function agentRoles(view: BlockView, token: Address, registry: Address, signer: Address) {
  const agent = await readAll(view, {
    token: question(token, erc3643, 'isAgent', signer),
    registry: question(registry, identityRegistry3643, 'isAgent', signer),
  })
  return mapRoles((operation) => {
    const is = operation === 'allow' || operation === 'disallow' ? agent.registry : agent.token
    return is === undefined ? 'unknown' : is ? 'held' : 'lacking'
  })
}

const mapRoles = (of: (operation: Exclude<TokenOperationName, 'transfer'>) => RoleHolding) =>
  Object.fromEntries(
    tokenOperations.flatMap((operation) => (operation === 'transfer' ? [] : [[operation, of(operation)]])),
  ) as Record<Exclude<TokenOperationName, 'transfer'>, RoleHolding>

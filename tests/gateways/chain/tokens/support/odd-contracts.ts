import {
  type Address,
  concat,
  encodeAbiParameters,
  type Hex,
  numberToHex,
  pad,
  parseAbiParameters,
  size,
  toFunctionSelector,
} from 'viem'
import { rpc } from '../../../../../sandbox/chain/rpc.ts'

/** What each function answers with, whatever its arguments; by signature, such as `decimals()`. */
export type AnswersOf = Record<string, Hex>

export const word = (value: bigint | boolean | Address): Hex =>
  typeof value === 'string' ? pad(value) : numberToHex(BigInt(value), { size: 32 })

export const sentence = (permitted: boolean, text: string): Hex =>
  encodeAbiParameters(parseAbiParameters('bool, string'), [permitted, text])

/** A contract that answers these functions and refuses others without a word; or answers everything with nothing, if so told. */
export function codeOf(answers: AnswersOf, otherwise: 'refuses' | 'accepts' = 'refuses'): Hex {
  const entries = Object.entries(answers).map(([signature, data]) => ({
    selector: toFunctionSelector(signature),
    data,
  }))
  const head = 6 + entries.length * 11 + (otherwise === 'refuses' ? 3 : 1)
  let at = head
  const bodies: Hex[] = []
  const jumps = entries.map(({ selector, data }) => {
    const words = Array.from({ length: Math.ceil(size(data) / 32) }, (_, index) =>
      data.slice(2 + index * 64, 66 + index * 64).padEnd(64, '0'),
    )
    const body = concat([
      '0x5b',
      ...words.map((one, index) => `0x7f${one}61${hex2(index * 32)}52` as const),
      `0x61${hex2(size(data))}5ff3`,
    ])
    const jump = `0x8063${selector.slice(2)}1461${hex2(at)}57` as const
    bodies.push(body)
    at += size(body)
    return jump
  })
  // CALLDATALOAD(0) >> 224 on the stack, compared with each selector
  const start = '0x5f3560e01c5b'
  return concat([start, ...jumps, otherwise === 'refuses' ? '0x5f5ffd' : '0x00', ...bodies])
}

const hex2 = (value: number) => value.toString(16).padStart(4, '0')

/** Puts code at an address. */
export const install = async (url: string, address: Address, code: Hex): Promise<Address> => {
  await rpc(url, 'anvil_setCode', [address, code])
  return address
}

/** A proxy (ERC-1167) to a contract: there is no selector in its code. */
export const proxyTo = (target: Address): Hex =>
  concat(['0x363d3d373d3d3d363d73', target, '0x5af43d82803e903d91602b57fd5bf3'])

import { type Address, type Hex, hashMessage } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect } from 'vitest'
import { messageHash, wrapSignature } from '../../../sandbox/crossmint/account.ts'
import { FUJI } from '../../../sandbox/sandbox.ts'
import type { Challenge, SignedIn } from '../../../server/contract/entities.ts'
import { type ErrorCode, errorCodes } from '../../../server/contract/errors.ts'
import { sandboxSecrets } from '../../../server/sandbox-secrets.ts'
import { type Answer, call } from '../../http/support/calls.ts'
import { cookieOf, PAGE } from '../../support/people.ts'
import type { World } from '../../support/world.ts'

/** The steps of signing in, one at a time, so that a test can do each of them wrong. */

export const somebody = () => privateKeyToAccount(generatePrivateKey())

export interface AskedFor {
  appId: string
  address: Address
  chainId?: number
}

const mutation = (path: string) => ({ path, type: 'mutation' }) as const

/** Asks for a challenge as a page does; with other headers, as no page does. */
export const askForChallenge = (
  url: string,
  { appId, address, chainId = FUJI }: AskedFor,
  headers: Record<string, string> = { origin: PAGE },
) => call(url, mutation('auth.challenge'), { appId, address, chainId }, headers)

export const answerChallenge = (
  url: string,
  answer: { nonce: string; signature: string },
  headers: Record<string, string> = { origin: PAGE },
) => call(url, mutation('auth.verify'), answer, headers)

/** A challenge that was given. */
export async function challengeOf(url: string, asked: AskedFor, headers?: Record<string, string>): Promise<Challenge> {
  return dataOf<Challenge>(await askForChallenge(url, asked, headers))
}

/** Signs somebody in, all by the rules. */
export async function signInAs(
  url: string,
  appId: string,
  signer: { address: Address; signMessage(input: { message: string }): Promise<Hex> },
  { chainId = FUJI, headers = { origin: PAGE } }: { chainId?: number; headers?: Record<string, string> } = {},
) {
  const { nonce, message } = await challengeOf(url, { appId, address: signer.address, chainId }, headers)
  const answer = await answerChallenge(url, { nonce, signature: await signer.signMessage({ message }) }, headers)
  return { answer, cookie: cookieOf(answer), ...dataOf<SignedIn>(answer) }
}

/** What a call answered with, which must be no error. */
export function dataOf<T>({ status, text, data }: Answer): T {
  if (status !== 200) throw new Error(`${status}: ${text}`)
  return data as T
}

/** Expects an answer to be this error and nothing else, and that it gives no cookie. */
export function expectRefusal(answer: Answer, code: ErrorCode): void {
  expect({ code: answer.error?.data.code, status: answer.status, text: answer.text }).toEqual({
    code,
    status: errorCodes[code].status,
    text: answer.text,
  })
  expect(answer.headers.getSetCookie()).toEqual([])
}

/** Signs as a custodial wallet that need not be on the chain yet, with the key that holds it. */
export async function custodialSigner({ crossmint, contracts, chain }: World, { address }: { address: Address }) {
  const wallet = (await crossmint.wallets()).find((each) => each.address === address)!
  const holder = privateKeyToAccount(sandboxSecrets.signerKey)
  return {
    address,
    async signMessage({ message }: { message: string }): Promise<Hex> {
      const raw = messageHash(chain.chainId, address, hashMessage(message))
      return wrapSignature(contracts.factory, wallet, await holder.signMessage({ message: { raw } }))
    },
  }
}

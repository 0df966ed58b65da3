import secp256k1 from 'secp256k1'
import { type Address, hashMessage, hexToBytes } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { FUJI } from '../../../sandbox/sandbox.ts'
import type { Challenge } from '../../../server/contract/entities.ts'
import { bodyOf, dataOf, type Load, mutation } from '../load/load.ts'
import { type Contestant, type Measured, measure } from '../load/measure.ts'
import { usageOf } from '../load/usage.ts'
import { PAGE, type Setting } from '../setting.ts'

/** Plain keys by their addresses. */
export type Accounts = ReadonlyMap<string, Uint8Array>

export function newAccounts(count: number): Accounts {
  const keys = Array.from({ length: count }, generatePrivateKey)
  return new Map(keys.map((key) => [privateKeyToAccount(key).address, hexToBytes(key)]))
}

/** Sign-ins that are ready to be made, each with a nonce of its own, and how fast the service gave their challenges. */
export interface Prepared {
  challenges: Measured
  signIns: Contestant
}

/** Asks for so many challenges, one after the other for each account, and signs them. */
export async function prepareSignIns(
  load: Load,
  { sandbox, service, appId }: Setting,
  accounts: Accounts,
  count: number,
): Promise<Prepared> {
  const calling = {
    port: Number(new URL(service.url).port),
    headers: { origin: PAGE },
  }
  const usage = () => usageOf(sandbox.serviceUrl)
  const addresses = [...accounts.keys()] as Address[]
  const challenges = await measure(
    load,
    {
      round: {
        ...calling,
        path: mutation('auth.challenge'),
        calls: Array.from({ length: count }, (_, index) => ({
          body: bodyOf({ appId, address: addresses[index % addresses.length], chainId: FUJI }),
        })),
        expected: '"nonce":',
        keep: true,
      },
      usage,
    },
    null,
  )
  return {
    challenges,
    signIns: {
      round: {
        ...calling,
        path: mutation('auth.verify'),
        calls: challenges.answers.map((answer) => ({ body: signed(dataOf<Challenge>(answer), accounts) })),
        expected: '"session":',
      },
      usage,
    },
  }
}

/** The body of `auth.verify` for a challenge, signed by the account that its second line names. */
function signed({ nonce, message }: Challenge, accounts: Accounts): string {
  const key = accounts.get(message.split('\n')[1]!)!
  const { signature, recid } = secp256k1.ecdsaSign(hexToBytes(hashMessage(message)), key)
  return bodyOf({ nonce, signature: `0x${Buffer.from([...signature, 27 + recid]).toString('hex')}` })
}

import { type Address, type Hex, hashMessage, verifyMessage } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { connectChain } from '../../../server/gateways/chain/chain.ts'

interface Signed {
  address: Address
  message: string
  signature: Hex
}

/** Of different keys and messages, so that nothing remembered of one signature serves the next. */
const SIGNATURES = 256
/** Milliseconds that each has before the other's turn, so that whatever else the machine does slows both. */
const TURN = 20

/**
 * Signatures a second of one core over messages of sign-in's size: our whole check of a plain key, from the message to
 * the verdict, beside viem's `verifyMessage`. Measures each for half of the time.
 *
 * @throws Error when either refuses a good signature
 */
export async function verifyRates(seconds: number): Promise<{ ours: number; viem: number }> {
  const signed = await Promise.all(Array.from({ length: SIGNATURES }, (_, index) => sign(index)))
  // a plain key needs no chain: nobody listens there
  const chain = connectChain({
    chainId: 43_113,
    rpcUrl: 'http://127.0.0.1:1',
    confirmations: 1,
    finality: 1,
    entryPoints: [],
  })
  const ways = {
    ours: ({ address, message, signature }: Signed) =>
      chain.acceptsSignature({ account: address, hash: hashMessage(message), signature }),
    viem: verifyMessage,
  }

  await takeTurns(signed, ways, 0.2) // the first calls load the library and warm the code
  return takeTurns(signed, ways, seconds)
}

async function takeTurns<Name extends string>(
  signed: readonly Signed[],
  ways: Record<Name, (one: Signed) => Promise<boolean>>,
  seconds: number,
): Promise<Record<Name, number>> {
  const contests = Object.entries(ways) as [Name, (one: Signed) => Promise<boolean>][]
  const runs = contests.map(([name, accepts]) => ({ name, accepts, checked: 0, elapsed: 0 }))
  const end = performance.now() + seconds * 1000
  while (performance.now() < end) {
    for (const run of runs) {
      const start = performance.now()
      while (performance.now() < start + TURN) {
        const one = signed[run.checked++ % signed.length]!
        if (!(await run.accepts(one))) throw new Error(`A good signature was refused (${run.name})`)
      }
      run.elapsed += performance.now() - start
    }
  }
  return Object.fromEntries(runs.map(({ name, checked, elapsed }) => [name, (checked * 1000) / elapsed])) as Record<
    Name,
    number
  >
}

async function sign(index: number): Promise<Signed> {
  const account = privateKeyToAccount(generatePrivateKey())
  const message = [
    'app.example wants you to sign in with your Ethereum account:',
    account.address,
    '',
    'URI: https://app.example/',
    'Version: 1',
    'Chain ID: 43113',
    `Nonce: ${index.toString(16).padStart(32, '0')}`,
    'Issued At: 2026-01-01T00:00:00.000Z',
    'Expiration Time: 2026-01-01T00:05:00.000Z',
  ].join('\n')
  return { address: account.address, message, signature: await account.signMessage({ message }) }
}

import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import {
  createPublicClient,
  erc20Abi,
  formatEther,
  http,
  isHash,
  parseEventLogs,
  TransactionReceiptNotFoundError,
} from 'viem'
import { assetsById } from '@/lib/catalogue.ts'
import { formatAmount } from '@/lib/money.ts'
import { type ChainSetting, settings } from '@/lib/settings.ts'
import { formatMoment, short } from '@/lib/words.ts'

export const metadata: Metadata = { title: 'Transaction' }

/** What the sandbox's chain says of a transaction. Elsewhere a public explorer does this. */
export default async function Transaction({ params }: { params: Promise<{ hash: string }> }) {
  const { sandbox, chains } = settings()
  const { hash } = await params
  if (!sandbox || !isHash(hash)) notFound()
  const found = (await Promise.all(chains.map((chain) => lookUp(chain, hash)))).find((one) => one !== null)
  if (!found)
    return (
      <div className="empty">
        <h1>Not on the chain</h1>
        <p>No block has this transaction yet. If it was sent a moment ago, look again.</p>
        <a className="button" href={`/explorer/tx/${hash}`}>
          Look again
        </a>
      </div>
    )
  const { chain, receipt, time } = found
  const assets = [...(await assetsById()).values()]
  const transfers = parseEventLogs({ abi: erc20Abi, eventName: 'Transfer', logs: receipt.logs })
  const worked = receipt.status === 'success'
  return (
    <>
      <div className="page-head">
        <p className="eyebrow">Transaction on {chain.name}</p>
        <h1 className="mono break explorer-hash">{hash}</h1>
        <p>
          <span className={`badge ${worked ? 'badge-good' : 'badge-bad'}`}>{worked ? 'Succeeded' : 'Reverted'}</span>
        </p>
      </div>
      <div className="stack loose">
        <section className="card" aria-labelledby="moved">
          <h2 id="moved">What moved</h2>
          {transfers.length === 0 ? (
            <p className="soft">No token was moved by it.</p>
          ) : (
            <ul className="stack">
              {transfers.map(({ address, args, logIndex }) => {
                const asset = assets.find((one) => one.address.toLowerCase() === address.toLowerCase())
                return (
                  <li key={logIndex} className="transfer">
                    <span className="price number">
                      {asset ? formatAmount(args.value, asset) : `${args.value} of ${short(address)}`}
                    </span>
                    <span className="soft small">
                      from <span className="mono break">{args.from}</span>
                    </span>
                    <span className="soft small">
                      to <span className="mono break">{args.to}</span>
                    </span>
                  </li>
                )
              })}
            </ul>
          )}
        </section>
        <section className="card" aria-labelledby="facts">
          <h2 id="facts">Where it is</h2>
          <dl className="facts">
            <div>
              <dt>Block</dt>
              <dd className="number">{receipt.blockNumber.toString()}</dd>
            </div>
            <div>
              <dt>Time</dt>
              <dd>{formatMoment(time)}</dd>
            </div>
            <div>
              <dt>Sent by</dt>
              <dd className="mono">{receipt.from}</dd>
            </div>
            <div>
              <dt>Sent to</dt>
              <dd className="mono">{receipt.to ?? 'a new contract'}</dd>
            </div>
            <div>
              <dt>Fee</dt>
              <dd className="number">
                {formatEther(receipt.gasUsed * receipt.effectiveGasPrice)} {chain.coin}
              </dd>
            </div>
          </dl>
        </section>
      </div>
    </>
  )
}

async function lookUp(chain: ChainSetting, hash: `0x${string}`) {
  const client = createPublicClient({ transport: http(chain.rpcUrl) })
  try {
    const receipt = await client.getTransactionReceipt({ hash })
    const { timestamp } = await client.getBlock({ blockNumber: receipt.blockNumber })
    return { chain, receipt, time: new Date(Number(timestamp) * 1000) }
  } catch (error) {
    if (error instanceof TransactionReceiptNotFoundError) return null
    throw error
  }
}

'use client'

import type { Asset, Payment, ServiceEvent } from '@provider-service/client'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { explorerUrl } from '@/lib/explorer.ts'
import { formatAmount } from '@/lib/money.ts'
import { formatTime, short } from '@/lib/words.ts'
import { CheckIcon } from './icons.tsx'
import { useSurroundings } from './providers.tsx'

interface Step {
  name: string
  /** What it is about now, while it is the current one or done. */
  words: ReactNode
  at: Date | undefined
}

/** How a payment goes: which steps it has taken, when, and what it waits for. */
export function Progress({
  payment,
  asset,
  external = false,
  signing,
}: {
  /** Null while it is being asked for. */
  payment: Payment | null
  asset: Asset
  /** Its owner signs it. */
  external?: boolean
  /** Whether its owner is asked in their wallet now, or is yet to be. */
  signing?: 'asked' | 'waits' | undefined
}) {
  const times = useTimes(payment)
  // handed out to be signed, it counts as on its way for the service: its owner may have sent it and not told
  const unsent = signing !== undefined || (external && payment?.state === 'submitted' && !payment.transactionHash)
  const done = unsent ? Math.min(1, stepsDone(payment)) : stepsDone(payment)
  const steps: Step[] = [
    {
      name: 'Checked',
      words:
        payment?.state === 'held'
          ? 'Somebody of the shop looks at it first. You need not stay: this page and your receipts say when they have.'
          : done > 0
            ? 'The rules of the shop are met.'
            : 'We ask the rules of the shop.',
      at: times.accepted,
    },
    {
      name: 'Accepted',
      words:
        signing === 'asked'
          ? 'Look at your wallet: it asks you to confirm.'
          : signing === 'waits'
            ? 'It waits for you to confirm it in your wallet.'
            : 'It will be settled once, or you will be told why not.',
      at: times.accepted,
    },
    { name: 'On its way', words: <OnItsWay payment={payment} external={external} />, at: times.submitted },
    {
      name: 'Settled',
      words: payment?.blockNumber ? `In block ${payment.blockNumber}. The piece is yours.` : 'The chain shows it.',
      at: times.settled,
    },
  ]
  return (
    <div className="progress">
      <p className="visually-hidden" role="status">
        {payment?.state === 'settled' ? 'Paid. It is settled.' : (steps[done]?.name ?? '')}
      </p>
      <ol>
        {steps.map(({ name, words, at }, index) => {
          const how = index < done ? 'done' : index === done ? 'current' : 'to-come'
          return (
            <li key={name} className={`step step-${how}`} aria-current={how === 'current' ? 'step' : undefined}>
              <span className="step-mark" aria-hidden="true">
                {how === 'done' ? <CheckIcon /> : how === 'current' && <span className="step-pulse" />}
              </span>
              <span className="step-name">
                {name}
                {how === 'done' && <span className="visually-hidden"> (done)</span>}
              </span>
              <span className="step-time number">{how !== 'to-come' && at && formatTime(at)}</span>
              {how !== 'to-come' && <span className="step-words">{words}</span>}
            </li>
          )
        })}
      </ol>
      {payment?.state === 'attention' && (
        <div className="note note-warn" role="alert">
          <p className="note-title">We are looking into this one</p>
          <p>
            It takes longer than it should. It is neither paid twice nor lost: somebody finds out what the chain says,
            and this page tells you. Please do not pay again.
          </p>
        </div>
      )}
      {payment?.state === 'settled' && (
        <p className="small soft">
          {formatAmount(payment.amount, asset)} paid. {external ? '' : 'We took care of the fee. '}
        </p>
      )}
    </div>
  )
}

function OnItsWay({ payment, external }: { payment: Payment | null; external: boolean }) {
  const { settings } = useSurroundings()
  if (!payment?.transactionHash) return external ? 'Your wallet sent it.' : 'We sign it and hand it to the chain.'
  const url = explorerUrl(settings.chains, payment.chain, payment.transactionHash)
  return (
    <>
      Transaction{' '}
      {url ? (
        <a className="mono" href={url} target="_blank" rel="noreferrer">
          {short(payment.transactionHash)}
          <span className="visually-hidden"> (opens in a new tab)</span>
        </a>
      ) : (
        <span className="mono">{short(payment.transactionHash)}</span>
      )}
    </>
  )
}

/** How many steps are behind a payment. */
function stepsDone(payment: Payment | null): number {
  switch (payment?.state) {
    case undefined:
    case 'held':
      return 0
    case 'accepted':
      return 1
    case 'settled':
      return 4
    default:
      return 2
  }
}

/** When each step was taken, as the feed has it. */
function useTimes(payment: Payment | null): { accepted?: Date; submitted?: Date; settled?: Date } {
  const { client } = useSurroundings()
  const { data } = useQuery({
    queryKey: ['times', payment?.id, payment?.updatedAt.getTime()],
    queryFn: ({ signal }) => client.events.list.query({ objectId: payment!.id, limit: 100 }, { signal }),
    enabled: payment !== null,
    placeholderData: keepPreviousData,
  })
  const at = (...types: ServiceEvent['type'][]) => data?.items.find(({ type }) => types.includes(type))?.createdAt
  const [accepted, submitted] = [at('payment.accepted'), at('payment.submitted', 'transaction.submitted')]
  const settled = payment?.settledAt ?? at('payment.settled')
  return { ...(accepted && { accepted }), ...(submitted && { submitted }), ...(settled && { settled }) }
}

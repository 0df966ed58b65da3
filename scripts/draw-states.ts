import type { PaymentState } from '../server/contract/entities.ts'
import { approvalStates } from '../server/domain/approvals/states.ts'
import { deliveryStates } from '../server/domain/deliveries/states.ts'
import { endpointStates } from '../server/domain/endpoints/states.ts'
import { importStates } from '../server/domain/lists/states.ts'
import { paymentStates } from '../server/domain/payments/states.ts'
import { purchaseStates } from '../server/domain/purchases/states.ts'
import { reportStates } from '../server/domain/reports/states.ts'
import type { States } from '../server/domain/states.ts'
import { transactionStates } from '../server/domain/transactions/states.ts'
import { inboxStates } from '../server/domain/webhooks/states.ts'
import { keepPage, table } from './keep-page.ts'

// Draws docs/states.md from the tables of states in the code. With --check it only tells whether the page is current.

function chapter<State extends string>(title: string, about: string, states: States<State>): string {
  const names = Object.keys(states) as State[]
  const moves = names.flatMap((from) =>
    Object.entries(states[from].by).map(([to, cause]) => `  ${from} --> ${to}: ${cause}`),
  )
  const ends = names.filter((name) => Object.keys(states[name].by).length === 0).map((name) => `  ${name} --> [*]`)
  const rows = names.map((name) => {
    const by = Object.entries(states[name].by).map(([to, cause]) => `${to} (${cause})`)
    return [`\`${name}\``, states[name].says, by.join(', ') || 'nothing']
  })
  return [
    `## ${title}`,
    about,
    ['```mermaid', 'stateDiagram-v2', ...moves, ...ends, '```'].join('\n'),
    table(['state', 'what it says', 'what may follow, and who causes it'], rows),
  ].join('\n\n')
}

/** An operation on a token moves as a payment does, by others and with other words. */
const operationWords: Record<PaymentState, string> = {
  held: 'waits for a second person',
  accepted: 'the promise is made: it will be done once, or you will be told why not',
  submitted: 'it is with whoever signs: Crossmint, or the local signer',
  settled: 'the chain shows its effect',
  failed: 'it had no effect; the reason is with it',
  attention: 'the outcome is not known yet; an operator was alerted and the service keeps looking',
  cancelled: 'taken back by the caller before it was submitted',
  refused: 'refused by the second person, or by a list, the policy, the chain or the token when it was asked again',
  expired: 'nobody decided on it in time',
}

const operationCauses: Record<string, string> = {
  officer: 'another person',
  'officer or compliance': 'another person or policy',
  compliance: 'policy, chain or token',
  provider: 'signer',
  'payer or dispatcher': 'dispatcher',
}

/** Nobody signs an operation in a wallet of their own. */
const isByPayer = (from: string, to: string, cause: string): boolean =>
  cause === 'payer or chain' || (from === 'accepted' && to === 'expired')

const operationStates = Object.fromEntries(
  Object.entries(paymentStates).map(([state, { by }]) => [
    state,
    {
      by: Object.fromEntries(
        Object.entries(by)
          .filter(([to, cause]) => !isByPayer(state, to, cause))
          .map(([to, cause]) => [to, operationCauses[cause] ?? cause]),
      ),
      says: operationWords[state as PaymentState],
    },
  ]),
) as States<PaymentState>

await keepPage('states.md', [
  '# States',
  '<!-- Drawn from server/domain/*/states.ts by `npm run docs`. Do not edit. -->',
  chapter(
    'Payment',
    'One purchase of one paywall. Its state follows from that of its transaction, in the same commit.',
    paymentStates,
  ),
  chapter(
    'Operation',
    'One action on a permissioned token ([eerc.md](eerc.md)). Its state follows from that of its transaction, in the same commit.',
    operationStates,
  ),
  chapter('Transaction', 'One on-chain effect we asked for, whoever signs it.', transactionStates),
  "### In a wallet of the payer's own",
  'Nobody but its owner knows what an external wallet signs. The states are the same, and mean:',
  table(
    ['payment', 'transaction', 'what it means there', 'ends'],
    [
      [
        '`accepted`',
        '`queued`',
        'nothing was handed out',
        'after `SIGNING_MS` (24 hours if an officer let it pass): `expired`',
      ],
      [
        '`submitted`',
        '`submitting`',
        'the calls were handed out by `payments.calls`, and may be signed. Without a report, the chain is searched now and then for a transfer that names the payment',
        'after `SIGNING_MS` and `DISBELIEF_MS`, once the chain was searched: `failed`, `not_signed`',
      ],
      [
        '`submitted`',
        '`submitted`',
        'a chain transaction was reported by `payments.submitted`, or found. It settles by its logs under enough blocks; one that turns out to be something else is forgotten (`transaction.dismissed`), and the calls may be signed again',
        'after `DEADLINE_MS`, if no node knows it (or 24 hours after the hand-out, if no block carries it) and the search finds no other: `failed`, `not_on_chain`. At once, if the chain has reverted it: `failed`, `execution_reverted`',
      ],
      [
        '`failed`',
        '`failed`',
        'nothing was found, or it was reverted. After `DEADLINE_MS` the chain is searched a last time; until then it keeps its room within the limits',
        'what is found by then, or reported, if compliance still lets it pass: `submitted` again. After that it stays: a report is `NOT_SIGNABLE`, and an alert tells a person',
      ],
      [
        '`attention`',
        '`attention`',
        'the chain has dropped what had settled it, does not answer, or makes no more blocks',
        'by itself: `settled`, or `failed` after `DEADLINE_MS` without a trace of it',
      ],
    ],
  ),
  chapter(
    'Approval',
    'A privileged action that waits for the word of a second person, who is never the one who asked for it.',
    approvalStates,
  ),
  chapter('Import', 'New contents of a list, all of them, as they come from a file or a call.', importStates),
  chapter(
    'Inbound webhook',
    'What a source has sent and signed, from when it is stored ([webhooks.md](webhooks.md)).',
    inboxStates,
  ),
  chapter('Purchase', 'Our buying of one call of a paid API ([buy-apis.md](how-to/buy-apis.md)).', purchaseStates),
  chapter('Report', 'What happened in an app within a period, as signed files.', reportStates),
  chapter('Endpoint', 'Where an app, or the platform, is told of events.', endpointStates),
  chapter('Delivery', 'One event on its way to one endpoint.', deliveryStates),
])

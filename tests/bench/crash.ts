import { surviveCrashes } from '../crash/survive-crashes.ts'
import { defineBench } from './bench.ts'

export const crash = defineBench({
  name: 'crash',
  says: 'kills the service with SIGKILL while clients retry; a separate script counts the transfers on the chain.',
  options: {
    payments: { says: 'payments to be made', byDefault: 3000 },
    kills: { says: 'times the service is killed', byDefault: 3 },
    wallets: { says: 'wallets that pay', byDefault: 200 },
    clients: { says: 'clients at the same time', byDefault: 200 },
    seed: { says: 'repeats the moments of the kills; 0 is a new one', byDefault: 0 },
  },
  figures: {
    payments: { says: 'payments intended', unit: '' },
    answered: { says: 'accepted: the service answered', unit: '' },
    unanswered: { says: 'never answered, and given up by the client', unit: '' },
    refused: { says: 'refused', unit: '', atMost: 0 },
    transfers: { says: 'transfers on the chain', unit: '' },
    doubled: { says: 'paid twice on the chain', unit: '', atMost: 0 },
    lost: { says: 'accepted and not on the chain', unit: '', atMost: 0 },
    strange: { says: 'transfers that nobody intended', unit: '', atMost: 0 },
    paidUnanswered: { says: 'never answered, and paid once', unit: '' },
    notSettled: { says: 'payments that the service does not call settled', unit: '', atMost: 0 },
    disagreement: { says: 'settled by the service and not on the chain, or the reverse', unit: '', atMost: 0 },
    duplicates: { says: 'second payments of one intention in the service', unit: '', atMost: 0 },
    auditFaults: { says: 'whether `audit verify` found a fault', unit: '', atMost: 0 },
    kills: { says: 'times the service was killed', unit: '' },
    seconds: { says: 'from the first payment to the last settled', unit: 's' },
  },

  async run({ options, stack, say }) {
    const seed = options.seed || Math.floor(Math.random() * 2 ** 32)
    say(
      `Seed ${seed} (--seed ${seed} repeats the kills). ${options.clients} clients pay with the SDK, each with one key per payment;`,
    )
    say(
      'one in twenty asks once and never comes back. Rate limits are off on both sides; claims of a killed service hold 3 s.\n',
    )
    const result = await surviveCrashes(
      {
        payments: options.payments!,
        kills: options.kills!,
        wallets: options.wallets!,
        clients: options.clients!,
        seed,
        patience: 120_000,
        durable: true,
        say,
      },
      stack,
    )
    const { chain, states, audit } = result
    const { settled = 0, ...others } = states
    say(`audit verify: ${audit.says}`)
    for (const wrong of [...chain.doubled, ...chain.lost].slice(0, 10)) say(`  ${JSON.stringify(wrong)}`)
    return {
      payments: chain.intentions,
      answered: chain.answered,
      unanswered: chain.unanswered,
      refused: chain.refused,
      transfers: chain.transfers,
      doubled: chain.doubled.length,
      lost: chain.lost.length,
      strange: chain.strange.length + chain.paidThoughRefused.length,
      paidUnanswered: chain.paidUnanswered,
      notSettled: Object.values(others).reduce((sum, count) => sum + count, 0),
      disagreement: Math.abs(settled - chain.transfers),
      duplicates: result.duplicates,
      auditFaults: audit.ok ? 0 : 1,
      kills: result.kills,
      seconds: result.seconds,
    }
  },
})

import { retentionClasses } from '../server/domain/retention/classes.ts'
import { defaultRetention } from '../server/environment.ts'
import { keepPage, table } from './keep-page.ts'

// Draws docs/retention.md from the classes of retention in the code. With --check it only tells whether the page is current.

const settings = {
  webhooks: 'RETAIN_WEBHOOKS_DAYS',
  deliveries: 'RETAIN_DELIVERIES_DAYS',
  sessions: 'RETAIN_SESSIONS_DAYS',
  reports: 'RETAIN_REPORTS_DAYS',
  answers: 'RETAIN_ANSWERS_DAYS',
} as const

const rows = retentionClasses.map(({ name, tables, period, why }) => [
  name,
  tables.map((each) => `\`${each}\``).join(', '),
  period in settings
    ? `\`${settings[period as keyof typeof settings]}\` (${defaultRetention[period as keyof typeof settings].toLocaleString('en')} days)`
    : period,
  why,
])

await keepPage('retention.md', [
  '# How long what is kept',
  '<!-- Drawn from server/domain/retention/classes.ts by `npm run docs`. Do not edit. -->',
  `Every table is in one of these classes; a test holds the list to the database. What is kept for ever, the role that the service runs with has
no right to delete, whatever the code says.`,
  table(['class', 'tables', 'kept', 'why'], rows),
  '## How it is deleted',
  `Each night (\`RETENTION_SCHEDULE\`, at 02:30 UTC by default; \`off\` is never) one instance deletes what is over, in small lots. The
beginning of the time is when a webhook was processed or rejected (of a dead one: when it died after an operator had it tried again; before that it has none), when a delivery ended, when a session ended or was revoked, and when a report was made. Each lot writes, in its
own commit, how many rows of which class went and from before when (\`disposal\`, which is append-only). A report whose files go becomes
\`expired\`, with a record in the audit log; its manifest and signature stay.`,
  `What is due while no instance runs is done when one does. Deleting is only from the database that the service uses: its backups have their own
periods, which are the operator's to set.`,
  '## Legal hold',
  `An officer or operator places a hold with \`holds.place\`, on a payment, a wallet, a user, a report, or the whole app, and says why. While it stands,
nothing of what it is on is deleted:`,
  table(
    ['hold on', 'keeps'],
    [
      [
        '`app`',
        'everything of the app: webhooks about its transactions, sessions, files of reports, entries of imports that came to nothing',
      ],
      ['`user`', 'their sessions; webhooks about transactions of their wallets'],
      ['`wallet`', 'webhooks about its transactions'],
      ['`payment`', 'webhooks about its transaction'],
      ['`report`', 'its files'],
    ],
  ),
  `Whether something is under hold is asked in the statement that deletes it, so that a hold placed meanwhile is either seen or comes after. A webhook
of which nobody knows what it was about (from a source other than Crossmint, dead, or from before this was recorded) is kept while any hold stands.`,
  `A hold ends when one person asks for it (\`holds.release\`) and another approves it. Both, and the hold itself, are in the audit log and among the
privileged actions of a report. An object has at most one hold that stands; a second is told of the first.`,
])

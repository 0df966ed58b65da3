import { table } from '../keep-page.ts'
import { anchorOf, code, generatedFrom } from './markdown.ts'
import type { Procedure } from './procedures.ts'

export function indexPage(nouns: ReadonlyMap<string, readonly Procedure[]>): string[] {
  return [
    '# Reference',
    generatedFrom('the router, server/contract and client-sdk/api'),
    `Every procedure of the service and everything that the SDK exports, from the code itself. Learn how it goes together in the
[quick start](../quick-start.md) and the [concepts](../README.md).`,
    `[The SDK](sdk.md) · [types](types.md) · [error codes](errors.md) · [events](../events.md) · [states](../states.md) · [who may call what](../roles.md)`,
    '## Procedures',
    table(
      ['noun', 'procedures'],
      [...nouns].map(([noun, procedures]) => [
        `[**${noun}**](${procedures[0]!.page})`,
        procedures.map(({ page, name }) => `[${code(name)}](${page}#${anchorOf(name)})`).join(', '),
      ]),
    ),
    '## How to read them',
    `\`\`\`ts
await client.payments.get.query({ paymentId }) // asks, and changes nothing
await client.payments.cancel.mutate({ paymentId }) // does something
client.events.on.subscribe({}, { onData, onError }) // tells until it is unsubscribed: \`events(client)\` is simpler
\`\`\``,
    table(
      ['', 'means'],
      [
        ['`name?`', 'may be left out'],
        ['`bigint`', 'an amount in base units of its asset (1.50 USDC is `1_500_000n`), a block number or a position'],
        ['`Date`', 'a moment, in UTC'],
        [
          '`idempotencyKey`',
          'one for each intention: the same key never does it twice, see [idempotency](../concepts/idempotency.md)',
        ],
        ['`replayed`', 'whether this answer repeats an earlier one, by its key'],
        [
          '`cursor`, `limit`',
          'the `nextCursor` of the page before, and how many at most; [`all`](sdk.md#all) turns the pages',
        ],
        [
          'may call it',
          'the roles and keys that may, see [who may do what](../roles.md); whoever has a role is a user as well',
        ],
        ['scope', 'what an API key, if it was not made for all, or a token must be good for'],
        ['limit', 'how often one caller may, see [limits](../roles.md#limits)'],
      ],
    ),
    `Inputs are checked for more than a table can say: \`INVALID_INPUT\` names the field and what it should be. Any procedure may answer with \`INVALID_INPUT\`,
\`UNAUTHENTICATED\`, \`FORBIDDEN\`, \`RATE_LIMITED\` or a code of the 500s; what names an object, with \`NOT_FOUND\` as well.`,
  ]
}

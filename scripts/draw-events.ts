import * as z from 'zod'
import { objectTypes } from '../server/domain/events/types.ts'
import { guarded } from '../server/domain/events/visible-to.ts'
import { writtenEvent } from '../server/schemas/events.ts'
import { keepPage, table } from './keep-page.ts'

// Draws docs/events.md with the types of the code and what each says. With --check it only tells whether the page is current.

interface Schema {
  type?: string | string[]
  const?: unknown
  enum?: string[]
  pattern?: string
  format?: string
  anyOf?: Schema[]
  oneOf?: Schema[]
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
}

/** What a value is, in a few words. */
function words(schema: Schema): string {
  const { type, pattern, format, items, properties, additionalProperties } = schema
  const choice = schema.anyOf ?? schema.oneOf
  if (choice) return choice.length > 4 ? '{ type, and what it is about }' : choice.map(words).join(' or ')
  if (Array.isArray(type)) return type.map((each) => words({ ...schema, type: each })).join(' or ')
  if (schema.enum) return schema.enum.length > 5 ? 'a word' : schema.enum.map((each) => `\`${each}\``).join(' or ')
  if (items) return `list of ${words(items).replace('a word', 'words')}`
  if (type === 'object' && properties)
    return `{ ${[...Object.keys(properties), ...(typeof additionalProperties === 'object' ? ['…'] : [])].join(', ')} }`
  if (type === 'object') return `by name: ${words(additionalProperties as Schema)}`
  if (pattern === '^\\d+$') return 'decimal'
  if (pattern?.startsWith('^0x') || /^\^\[0-9a-fA-F\]/.test(pattern ?? '')) return 'hex'
  if (pattern?.startsWith('^eip155')) return 'chain'
  if (format === 'uuid') return 'id'
  if (format === 'date-time') return 'time'
  return { string: 'text', integer: 'number', boolean: 'yes or no', null: 'null' }[type as string] ?? 'any JSON'
}

const fieldsOf = ({ properties = {}, required = [], additionalProperties }: Schema): string =>
  Object.entries(properties)
    .map(
      ([name, schema]) =>
        `\`${name}\`${required.includes(name) ? '' : ' (or absent)'}: ${/(^i|I)d$/.test(name) ? words(schema).replace('text', 'id') : words(schema)}`,
    )
    .concat(typeof additionalProperties === 'object' ? ['and more about it'] : [])
    .join('; ')

/** Every kind of event: the types of an object that say the same. */
function kindsIn(schema: Schema): Schema[] {
  return schema.oneOf?.flatMap(kindsIn) ?? [schema]
}

const kinds = kindsIn(z.toJSONSchema(writtenEvent, { unrepresentable: 'any' }) as Schema).map(({ properties }) => {
  const { objectType, type, data } = properties!
  return { objectType: objectType!.const, types: type!.enum ?? [type!.const as string], data: data! }
})

const tables = objectTypes.flatMap((name) => [
  `### ${name}`,
  table(
    ['type', '`data`'],
    kinds
      .filter(({ objectType }) => objectType === name)
      .map(({ types, data }) => [types.map((type) => `\`${type}\``).join('<br>'), fieldsOf(data)]),
  ),
])

await keepPage('events.md', [
  '# Events',
  '<!-- Drawn by scripts/draw-events.ts, the types from server/schemas/events.ts: `npm run docs`. Do not edit. -->',
  `An event is a fact about one object of an app: it was written in the commit that changed the object, beside the record of the audit log, and it never
changes. \`events.list\` and \`events.get\` read them, \`events.on\` tells them as they happen, and [webhooks](webhooks.md) bring them. All of these tell
the same event in the same words, as it was written.`,
  table(
    ['field', 'what it is'],
    [
      [
        '`id`',
        '`evt_`, the id of the object without its dashes, and the sequence. The same wherever and however often it is told',
      ],
      ['`position`', "its place in the app's feed: 1, 2, 3 …"],
      ['`sequence`', 'its number among the events of its object: 1, 2, 3 …'],
      ['`appId`, `objectType`, `objectId`', 'whose it is, and what it is about'],
      ['`type`', 'what happened, such as `payment.settled`. The action of the audit log has the same name'],
      [
        '`version`',
        'of the shape of `data`. A later version may say more, never less: take fields that you do not know as they come',
      ],
      [
        '`createdAt`',
        'when it happened, by the clock of the instance that wrote it: order by `position` or `sequence`',
      ],
      ['`data`', 'what is said of it, see below'],
    ],
  ),
  '## The order',
  `**Of an object** the sequence has no gap: whoever has 3 and gets 5 knows that 4 is on its way. **Of an app** the feed has no gap either, and an event gets its
place within about 50 ms of its commit, behind every event that has one already. So whoever has read up to a place has missed nothing before it, however
late a commit ended; and the events of an object stand in the feed in the order of their sequence. Between objects the order is nearly that of time.`,
  `An event is told at least once. Know it by its \`id\`. If a late one could undo what a later one said, compare \`sequence\`, and leave what is older.`,
  '## Reading on from where one was',
  `\`events.list\` begins with the oldest; \`order: 'newest'\` goes back from the end. \`nextCursor\` is the last position that was looked at, on the last page
as well: keep it, ask again with it at any later time, and go on behind it.`,
  `\`\`\`ts
for (let cursor = await kept(); ; ) {
  const { items, nextCursor, hasMore } = await client.events.list.query({ cursor, types: ['payment.*'] })
  for (const event of items) await handle(event)
  await keep((cursor = nextCursor))
  if (!hasMore) await soon()
}
\`\`\``,
  `It may be filtered by \`types\` (by name, \`payment.*\`, \`*.attention\` or \`*\`), \`objectType\`, \`objectId\`, and time (\`from\` a moment on, before \`to\`). At most 5,000 places
are looked at for one page, so that a page may be empty with \`hasMore\` true: go on with \`nextCursor\`. With \`objectId\` all are.`,
  '## Who sees what',
  table(
    ['who', 'sees'],
    [
      ['officers, auditors, operators', 'every event of their app'],
      [
        "the app's servers (API keys)",
        `every event of the app but those of ${guarded.map((name) => `\`${name}\``).join(', ')}: they tell of people and of how they get in`,
      ],
      [
        'users and merchants',
        'events of payments that they bought or sold, and of operations and wallets of their own. Whose a wallet or a paywall is counts when it is read: a wallet that became theirs is theirs with all that happened to it',
      ],
    ],
  ),
  `All of them need the scope \`events:read\`. What is the platform's, such as \`asset\`, is in no app's feed.`,
  '## On the command line',
  `\`\`\`sh
npm run provider -- events listen --app ID --forward http://localhost:3000/webhooks
npm run provider -- events replay --app ID --from 120 --to 140
npm run provider -- events trigger payment.settled --forward http://localhost:3000/webhooks
\`\`\``,
  `\`--forward\` sends each event once, signed as a webhook, with the secret of \`--secret\` or one that it prints. \`--json\` prints the bodies of the webhooks.
\`replay\` ends with 1 if one was not taken. What \`trigger\` makes up is in no feed: its position is 0.`,
  '## What there is, and what each says',
  `Of a \`payment\` and an \`operation\`, \`data\` is the whole object, as \`payments.get\` and \`eerc.get\` answered at that moment; what is learned between two
states, such as a hash before its block, is in the next. Of other objects it is what was
changed, with other objects by their ids. Amounts, block numbers and versions of lists are decimal text, times are ISO 8601. In the SDK
\`ServiceEvent\` is the union of all of them: \`type\` tells what \`data\` is (and \`objectType\`, for \`transaction.submitted\`, which payments and operations have:
the wallet provider took their transaction).`,
  ...tables,
])

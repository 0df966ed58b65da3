import { type Kysely, sql } from 'kysely'
import { coalesce } from '../../../db/coalesce.ts'
import type { Database } from '../../../db/schema.ts'
import { atomically, reading } from '../../../db/transaction.ts'
import type { ListKind } from '../../contract/entities.ts'
import { leastRecent } from './least-recent.ts'
import type { Period } from './period.ts'

/** Somebody who is on a list. It is for the caller to see whether the entry counts at the time. */
export interface Listed extends Period {
  list: string
  kind: ListKind
  subject: string
  reason: string
}

/** Who of an app is asked about: checksummed addresses, `wallet:<id>`, `user:<id>`. */
export interface ListedQuestion {
  appId: string
  subjects: readonly string[]
  /** The version of the app's rules, if it was read since the question came up. */
  rulesVersion?: bigint
}

/** What an app's lists have of some subjects, all at one version. */
export interface ListedAnswer {
  /** Of the app's lists and its policy: a commit that rests on the answer is held to it. */
  rulesVersion: bigint
  listed: Listed[]
}

export type FindListed = (question: ListedQuestion) => Promise<ListedAnswer>

/** For how many subjects it is remembered what lists they are on, which for most is none. Each takes some hundred bytes. */
const REMEMBERED = 100_000

/** What is remembered of a subject, and the version at which it was read. */
interface Known {
  version: bigint
  listed: readonly Listed[]
}

/**
 * Tells who is on which list. The version of the app's lists is read for every question, by one statement for all that are asked at
 * a time, unless who asks has read it with something else. What was read at that very version comes from memory, and what was not
 * comes with the same statement.
 */
export function listFinder(db: Kysely<Database>, remembered = REMEMBERED): FindListed {
  const memory = leastRecent<Known>(remembered)

  /** All that is remembered of a question, if it was all read at one version. */
  const recall = ({ appId, subjects }: ListedQuestion): Known | undefined => {
    const known = [...new Set(subjects)].map((subject) => memory.get(keyOf(appId, subject)))
    const [first] = known
    if (!first || known.some((one) => one?.version !== first.version)) return undefined
    return { version: first.version, listed: known.flatMap((one) => one!.listed) }
  }

  const remember = ({ appId, subjects }: ListedQuestion, { rulesVersion: version, listed }: ListedAnswer) => {
    for (const subject of subjects)
      memory.set(keyOf(appId, subject), { version, listed: listed.filter((entry) => entry.subject === subject) })
  }

  const find = coalesce(async (questions: ListedQuestion[]) => {
    const known = new Map(questions.map((question) => [question, recall(question)]))
    const unknown = questions.filter((question) => !known.get(question))
    const answers = await read(db, questions, unknown)

    // the lists have changed since it was remembered
    const outdated: ListedQuestion[] = []
    for (const [question, answer] of answers) {
      const before = known.get(question)
      if (before?.version === answer.rulesVersion) answer.listed.push(...before.listed)
      else if (before) outdated.push(question)
    }
    if (outdated.length > 0)
      for (const [question, answer] of await read(db, outdated, outdated)) answers.set(question, answer)

    for (const question of [...unknown, ...outdated]) {
      const answer = answers.get(question)
      if (answer) remember(question, answer)
    }
    return answers
  })
  return async (question) => {
    if (question.rulesVersion !== undefined) {
      const known = recall(question)
      if (known?.version === question.rulesVersion) return { rulesVersion: known.version, listed: [...known.listed] }
    }
    const answer = await find(question)
    if (!answer) throw new Error(`There are no lists of the app ${question.appId}`)
    return answer
  }
}

const keyOf = (appId: string, subject: string): string => `${appId} ${subject}`

interface Row {
  app_id: string
  version: bigint
  n: number | null
  list: string
  kind: ListKind
  subject: string
  reason: string
  valid_from: Date | null
  valid_until: Date | null
}

/** Reads the version of the lists for all questions, and what is on them for those that nothing is known of. */
async function read(
  db: Kysely<Database>,
  questions: readonly ListedQuestion[],
  unknown: readonly ListedQuestion[],
): Promise<Map<ListedQuestion, ListedAnswer>> {
  const apps = [...new Set(questions.map(({ appId }) => appId))]
  const { rows } = await atomically(
    db,
    (one) => (unknown.length > 0 ? entriesOf : versionsOf)(apps, unknown).execute(one),
    reading,
  )
  const versions = new Map(rows.map(({ app_id, version }) => [app_id, version]))
  const answers = new Map<ListedQuestion, ListedAnswer>()
  for (const question of questions) {
    const rulesVersion = versions.get(question.appId)
    if (rulesVersion !== undefined) answers.set(question, { rulesVersion, listed: [] })
  }
  for (const { n, list, kind, subject, reason, valid_from: validFrom, valid_until: validUntil } of rows)
    if (n !== null) answers.get(unknown[n]!)!.listed.push({ list, kind, subject, reason, validFrom, validUntil })
  return answers
}

const versionsOf = (apps: readonly string[]) => sql<Row>`/* prepared: list-versions */
  select app_id, version, null::int4 as n from list_version where app_id = any(${apps}::uuid[])`

function entriesOf(apps: readonly string[], questions: readonly ListedQuestion[]) {
  const asked = questions.flatMap(({ appId, subjects }, n) =>
    [...new Set(subjects)].map((subject) => ({ n, appId, subject })),
  )
  // there is one at most; that it says so keeps the database from reading a whole list to join it
  return sql<Row>`/* prepared: find-listed */
  select list_version.app_id, list_version.version, found.n, found.list, found.kind, found.subject,
    found.reason, found.valid_from, found.valid_until
  from list_version left join (
    select q.n, list.app_id, list.name as list, list.kind, entry.subject, entry.reason, entry.valid_from, entry.valid_until
    from unnest(${asked.map(({ n }) => n)}::int4[], ${asked.map(({ appId }) => appId)}::uuid[],
        ${asked.map(({ subject }) => subject)}::text[]) as q (n, app_id, subject)
    join list on list.app_id = q.app_id
    join lateral (
      select subject, reason, valid_from, valid_until from list_entry
      where snapshot_id = list.snapshot_id and subject = q.subject and removed_at is null limit 1
    ) as entry on true
  ) as found on found.app_id = list_version.app_id
  where list_version.app_id = any(${apps}::uuid[])`
}

import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { getAddress } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ListChange, ListEntry, ListKind, Page } from '../../../server/contract/entities.ts'
import type { ErrorCode } from '../../../server/contract/errors.ts'
import { approve } from '../../../server/domain/approvals/approve.ts'
import { reject } from '../../../server/domain/approvals/reject.ts'
import { DomainError } from '../../../server/domain/domain-error.ts'
import { addListEntry } from '../../../server/domain/lists/add-list-entry.ts'
import { createList } from '../../../server/domain/lists/create-list.ts'
import { discardImport } from '../../../server/domain/lists/discard-import.ts'
import { importList } from '../../../server/domain/lists/import-list.ts'
import { listAt } from '../../../server/domain/lists/list-at.ts'
import { listEntries } from '../../../server/domain/lists/list-entries.ts'
import { publishImport } from '../../../server/domain/lists/publish-import.ts'
import { removeListEntry } from '../../../server/domain/lists/remove-list-entry.ts'
import type { UserPrincipal } from '../../../server/domain/principal.ts'
import type { Services } from '../../../server/services.ts'
import { anyAddress } from '../../http/support/inputs.ts'
import { testWorld, type World } from '../../support/world.ts'
import { usersOf } from '../approvals/support/wishes.ts'

// Random changes of lists, beside a model that is a few maps: what the service tells of now and of every time is what the model has.

const MINUTE = 60_000
const start = Date.parse('2030-01-01T00:00:00Z')
let now = start
let world: World
let services: Services
let asker: UserPrincipal
let other: UserPrincipal
beforeAll(async () => {
  const clock = { now: () => new Date(now) }
  world = await testWorld({ workers: false, clock })
  services = world.built.services
  ;[asker, other] = (await usersOf(world, 2, 'officer')) as [UserPrincipal, UserPrincipal]
})
afterAll(() => world[Symbol.asyncDispose]())

/** In minutes; null is without end. */
interface Period {
  from: number | null
  until: number | null
}
type Contents = Map<string, Period & { reason: string }>

interface ListModel {
  name: string
  kind: ListKind
  contents: Contents
  /** What was on it from when on. */
  history: { at: number; contents: Contents }[]
  /** How often it changed. */
  changes: number
  imports: { id: string; contents: Contents; comparedAt: number; state: 'staged' | 'published' | 'discarded' }[]
}

const SUBJECTS = 8
const period = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Period>({ from: null, until: null }) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        from: fc.option(fc.integer({ min: -20, max: 40 })),
        length: fc.option(fc.integer({ min: 1, max: 40 })),
      })
      .map(({ from, length }): Period => ({ from, until: length === null ? null : (from ?? -20) + length })),
  },
)
const list = fc.constantFrom(0, 1, 2)
const subject = fc.nat(SUBJECTS - 1)
const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ does: fc.constant('add' as const), list, subject, period, agreed: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('remove' as const), list, subject, agreed: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('stage' as const),
      list,
      entries: fc.array(fc.record({ subject, period }), { minLength: 1, maxLength: SUBJECTS + 2 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ does: fc.constant('publish' as const), list, which: fc.nat(3), agreed: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('discard' as const), list, which: fc.nat(3) }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 6 }) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

const minutes = () => (now - start) / MINUTE
const dateOf = (minute: number | null) => (minute === null ? null : new Date(start + minute * MINUTE))
const isValid = ({ from, until }: Period, at: number) => (from ?? at) <= at && (until === null || at < until)
const covers = (wide: Period, narrow: Period) => {
  if (narrow.until !== null && narrow.until <= minutes()) return true
  const from = Math.max(narrow.from ?? minutes(), minutes())
  return (wide.from ?? from) <= from && (wide.until === null || (narrow.until !== null && narrow.until <= wide.until))
}

const code = (call: Promise<unknown>): Promise<ErrorCode | null> =>
  call.then(
    () => null,
    (error) => {
      if (error instanceof DomainError) return error.code
      throw error
    },
  )

/** The service's lists and the model's, side by side. */
class Pair {
  readonly lists: ListModel[]
  readonly subjects = Array.from({ length: SUBJECTS }, (_, n) =>
    n % 3 === 2 ? `user:${randomUUID()}` : getAddress(anyAddress()),
  )

  readonly #begun: number

  constructor(lists: ListModel[], begun: number) {
    this.lists = lists
    this.#begun = begun
  }

  async do(operation: Operation): Promise<void> {
    if (operation.does === 'wait') now += operation.minutes * MINUTE
    else await this[operation.does](operation as never)
  }

  /** Of periods that are told from when this pair began. */
  #since({ from, until }: Period): Period {
    return { from: from === null ? null : from + this.#begun, until: until === null ? null : until + this.#begun }
  }

  #changed(list: ListModel, contents: Contents) {
    list.contents = contents
    list.changes++
    list.history.push({ at: minutes(), contents })
  }

  /** Done at once if it is stricter; else as the second person says. */
  async #settled(change: ListChange, isLaxer: boolean, agreed: boolean): Promise<boolean> {
    expect(change.status).toBe(isLaxer ? 'requested' : 'done')
    if (change.status === 'done') return true
    const verdict = { approvalId: change.approval.id, note: 'as said' }
    await (agreed ? approve : reject)(services, other, verdict)
    return agreed
  }

  async add({ list: n, subject: s, agreed, ...given }: Extract<Operation, { does: 'add' }>) {
    const period = this.#since(given.period)
    const list = this.lists[n]!
    const subject = this.subjects[s]!
    if (subject.startsWith('user:')) return
    const reason = randomUUID()
    const there = list.contents.get(subject)
    const call = addListEntry(services, asker, {
      ...{ list: list.name, address: subject as `0x${string}`, reason, source: 'model' },
      ...{ validFrom: dateOf(period.from), validUntil: dateOf(period.until) },
    })
    if (there && covers(there, period)) return expect((await call).status).toBe('done')
    if (there && !covers(period, there)) return expect(await code(call)).toBe('ALREADY_LISTED')
    if (await this.#settled(await call, list.kind === 'allow', agreed))
      this.#changed(list, new Map(list.contents).set(subject, { ...period, reason }))
  }

  async remove({ list: n, subject: s, agreed }: Extract<Operation, { does: 'remove' }>) {
    const list = this.lists[n]!
    const subject = this.subjects[s]!
    const filter = { list: list.name, subject, removed: false, limit: 5 }
    const { items } = await listEntries(services, asker, filter)
    expect(items).toHaveLength(list.contents.has(subject) ? 1 : 0)
    if (items.length === 0) return
    const change = await removeListEntry(services, asker, { entryId: items[0]!.id, reason: 'model' })
    if (!(await this.#settled(change, list.kind !== 'allow', agreed))) return
    const contents = new Map(list.contents)
    contents.delete(subject)
    this.#changed(list, contents)
  }

  async stage({ list: n, entries }: Extract<Operation, { does: 'stage' }>) {
    const list = this.lists[n]!
    const contents: Contents = new Map()
    const given = entries.map(({ subject: s, ...one }) => {
      const period = this.#since(one.period)
      const subject = this.subjects[s]!
      // the same as is there now and then
      const reason = s % 2 ? (list.contents.get(subject)?.reason ?? randomUUID()) : randomUUID()
      if (!contents.has(subject)) contents.set(subject, { ...period, reason })
      return { subject, reason, source: 'model', validFrom: dateOf(period.from), validUntil: dateOf(period.until) }
    })
    const staged = await importList(services, asker, {
      ...{ list: list.name, source: 'model', entries: given, idempotencyKey: randomUUID() },
    })
    const same = (one: string) => JSON.stringify(contents.get(one)) === JSON.stringify(list.contents.get(one))
    const [before, after] = [[...list.contents.keys()], [...contents.keys()]]
    const changes = {
      added: after.filter((one) => !list.contents.has(one)),
      removed: before.filter((one) => !contents.has(one)),
      changed: after.filter((one) => list.contents.has(one) && !same(one)),
      unchanged: after.filter((one) => list.contents.has(one) && same(one)),
    }
    expect(staged).toMatchObject({ entries: contents.size, duplicates: given.length - contents.size })
    for (const [change, subjects] of Object.entries(changes) as [keyof typeof changes, string[]][]) {
      expect(staged[change], change).toBe(subjects.length)
      expect(staged.samples[change].map(({ subject }) => subject).sort()).toEqual(subjects.sort())
    }
    list.imports.push({ id: staged.id, contents, comparedAt: list.changes, state: 'staged' })
  }

  async publish({ list: n, which, agreed }: Extract<Operation, { does: 'publish' }>) {
    const list = this.lists[n]!
    const one = list.imports.at(-1 - which)
    if (!one) return
    const asked = publishImport(services, asker, { importId: one.id, reason: 'model', idempotencyKey: randomUUID() })
    if (one.state !== 'staged') return expect(await code(asked)).toBe('IMPORT_CLOSED')
    if (one.comparedAt !== list.changes) return expect(await code(asked)).toBe('IMPORT_OUTDATED')
    const verdict = { approvalId: (await asked).id, note: 'as said' }
    await (agreed ? approve : reject)(services, other, verdict)
    one.state = agreed ? 'published' : 'discarded'
    if (agreed) this.#changed(list, one.contents)
  }

  async discard({ list: n, which }: Extract<Operation, { does: 'discard' }>) {
    const one = this.lists[n]!.imports.at(-1 - which)
    if (!one) return
    const discarded = await code(discardImport(services, asker, { importId: one.id }))
    expect(discarded).toBe(one.state === 'published' ? 'IMPORT_CLOSED' : null)
    if (one.state === 'staged') one.state = 'discarded'
  }

  /** What the service tells is what the model has. */
  async compare(times: number[], limit: number) {
    for (const list of this.lists) {
      const entries = await walk((cursor) =>
        listEntries(services, asker, { list: list.name, removed: false, limit, cursor }),
      )
      expect(shown(entries)).toEqual(told(list.contents))
      const edges = list.history.flatMap(({ contents }) =>
        [...contents.values()].flatMap(({ from, until }) => [from, until]),
      )
      const some = new Set(edges.filter((at) => at !== null).slice(-6))
      for (const at of new Set([...times, ...some, minutes()])) {
        const moment = dateOf(at)!
        const then = list.history.findLast((one) => one.at <= at)?.contents ?? new Map()
        const valid: Contents = new Map([...then].filter(([, one]) => isValid(one, at)))
        const entriesThen = await walk((cursor) =>
          listAt(services, asker, { list: list.name, at: moment, limit, cursor }),
        )
        expect(shown(entriesThen), `at ${at}`).toEqual(told(valid))
        expect(entriesThen.map((entry) => entry.subject)).toEqual([...valid.keys()].sort())
        for (const subject of this.subjects) {
          const { items } = await listAt(services, asker, { list: list.name, at: moment, subject, limit: 5 })
          expect(items).toHaveLength(valid.has(subject) ? 1 : 0)
        }
      }
    }
    const { listed } = await services.findListed({ appId: world.appId, subjects: this.subjects })
    const mine = listed.filter(({ list }) => this.lists.some(({ name }) => name === list))
    const expected = this.lists.flatMap(({ name, contents }) => [...contents.keys()].map((one) => `${name} ${one}`))
    expect(mine.map(({ list, subject }) => `${list} ${subject}`).sort()).toEqual(expected.sort())
  }
}

const shown = (entries: readonly ListEntry[]) =>
  entries
    .map(({ subject, reason, validFrom, validUntil }) => ({ subject, reason, validFrom, validUntil }))
    .sort(bySubject)
const told = (contents: Contents) =>
  [...contents]
    .map(([subject, { from, until, reason }]) => ({
      subject,
      reason,
      validFrom: dateOf(from),
      validUntil: dateOf(until),
    }))
    .sort(bySubject)
const bySubject = (one: { subject: string }, two: { subject: string }) => (one.subject < two.subject ? -1 : 1)

async function walk(page: (cursor: string | null) => Promise<Page<ListEntry>>): Promise<ListEntry[]> {
  const seen: ListEntry[] = []
  for (let cursor: string | null = null; ; ) {
    const { items, nextCursor } = await page(cursor)
    seen.push(...items)
    if (nextCursor === null) return seen
    cursor = nextCursor
  }
}

test('whatever is added, removed, imported and published, now and at every time it is as the model says', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 10, maxLength: 40 }),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 4 }),
      fc.integer({ min: 1, max: 4 }),
      async (operations, fractions, limit) => {
        now += 100 * MINUTE
        const begun = minutes()
        const kinds = ['deny', 'allow', 'sanctions'] as const
        const pair = new Pair(
          await Promise.all(
            kinds.map(async (kind): Promise<ListModel> => {
              const { name } = await createList(services, asker, { name: randomUUID(), kind })
              return { name, kind, contents: new Map(), history: [], changes: 0, imports: [] }
            }),
          ),
          begun,
        )
        for (const one of operations) await pair.do(one)
        const times = fractions.map((fraction) => begun + Math.floor(fraction * (minutes() - begun)))
        await pair.compare(times, limit)
      },
    ),
    { numRuns: 25 },
  )
})

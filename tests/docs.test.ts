import { globSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runInThisContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { chainsSetting } from '../server/chain-settings.ts'
import type { RuleName } from '../server/contract/policies.ts'
import { eventTypes } from '../server/domain/events/types.ts'
import { rulesInput } from '../server/schemas/policies.ts'
import { run } from './http/support/run.ts'

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

const rules = {
  'allow-list': 1,
  assets: 1,
  jurisdiction: 1,
  kyc: 1,
  limit: 1,
  recipients: 1,
  threshold: 1,
  velocity: 1,
} satisfies Record<RuleName, 1>

describe('docs/policies.md', () => {
  const text = read('docs/policies.md')
  const examples = [...text.matchAll(/^### (\S+):[^`]*```ts\n([\s\S]+?)```/gm)].map(([, rule, code]) => ({
    rule: rule!,
    code: code!,
  }))

  test('has an example of each rule, and each is one that can be drafted', () => {
    expect(examples.map(({ rule }) => rule).toSorted()).toEqual(Object.keys(rules).toSorted())
    for (const { rule, code } of examples) {
      const [parsed] = rulesInput.parse([runInThisContext(`(${code})`)])
      expect(parsed!.rule).toBe(rule)
    }
  })

  test('has every code that a rule answers with, and no other', () => {
    const folder = 'server/domain/compliance/rules'
    const source = readdirSync(new URL(`../${folder}`, import.meta.url)).map((file) => read(`${folder}/${file}`))
    const codesIn = (from: string, quote: string) => [
      ...new Set(
        [...from.matchAll(new RegExp(`${quote}([A-Z]+(?:_[A-Z]+)+|SANCTIONED)${quote}`, 'g'))].map(([, code]) => code!),
      ),
    ]
    const others = ['ATTESTATION_DEADLINE_MS', 'REFUSED_BY_COMPLIANCE']
    expect(
      codesIn(text, '`')
        .filter((code) => !others.includes(code))
        .toSorted(),
    ).toEqual(codesIn(source.join('\n'), "'").toSorted())
  })
})

describe('docs/events.md', () => {
  test('has every type of event, and its object', () => {
    const text = read('docs/events.md')
    for (const [kind, types] of Object.entries(eventTypes)) {
      const [, section] = text.split(`\n### ${kind}\n`)
      expect(section, kind).toBeDefined()
      for (const type of types) expect(section!.split('\n### ')[0]).toContain(`\`${type}\``)
    }
  })
})

describe('docs/eerc.md', () => {
  const text = read('docs/eerc.md')

  test('has an example of CHAINS that is one', () => {
    const [, example] = /```json\n([\s\S]+?)```/.exec(text)!
    const chains = chainsSetting.parse(JSON.parse(example!))
    expect(chains.map(({ chainId }) => chainId)).toEqual([43_114, 43_113, 99_372])
    expect(chains[2]).toMatchObject({ txAllowList: true, localSigner: { gas: { cap: 100_000_000_000n } } })
  })

  test('has every check, and every reason for which one refuses', () => {
    const folder = 'server/gateways/chain/tokens'
    const [, reasons] = /export type RefusalReason =([\s\S]+?)\n\n/.exec(read(`${folder}/token-profile.ts`))!
    const source = readdirSync(new URL(`../${folder}`, import.meta.url)).map((file) => read(`${folder}/${file}`))
    const rules = source.join('\n').matchAll(/'(tx-allow-list|token-[a-z-]+)'/g)
    const named = [...reasons!.matchAll(/'(\w+)'/g), ...rules].map(([, name]) => name!)
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  })
})

test('every link between the documents leads somewhere', () => {
  const root = fileURLToPath(new URL('..', import.meta.url))
  const documents = globSync(['README.md', 'docs/**/*.md', 'examples/*/README.md', 'client-sdk/*.md'], { cwd: root })
  expect(documents).toContain('docs/how-to/sherry.md')
  for (const document of documents)
    for (const [, target] of read(document).matchAll(/\]\((?!https?:|#)([^)#]+)/g))
      expect(
        () => readFileSync(new URL(`../${document.replace(/[^/]+$/, '')}${target}`, import.meta.url)),
        `${document}: ${target}`,
      ).not.toThrow(/ENOENT/)
})

test('every link within the reference leads to a heading', () => {
  const folder = 'docs/reference'
  const pages = readdirSync(new URL(`../${folder}`, import.meta.url))
  const headings = new Map(pages.map((page) => [page, anchorsIn(read(`${folder}/${page}`))]))
  expect(headings.get('payments.md')).toContain('create')
  for (const page of pages)
    for (const [, target, anchor] of read(`${folder}/${page}`).matchAll(/\]\(([\w-]+\.md)?#([^)]+)\)/g))
      expect(headings.get(target ?? page), `${page}: ${target ?? ''}`).toContain(anchor)
})

/** Where the headings of a page are, as GitHub names them: the second of a name ends with -1. */
function anchorsIn(page: string): string[] {
  const found: string[] = []
  for (const [, heading] of page.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)) {
    const anchor = heading!
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-')
    const count = found.filter((each) => each.replace(/-\d+$/, '') === anchor).length
    found.push(count === 0 ? anchor : `${anchor}-${count}`)
  }
  return found
}

test('the commands of docs/audit.md are ones that there are', async () => {
  const { stdout, stderr } = await run('server/cli.ts', ['help'], {})
  const usage = (stdout + stderr).replaceAll(/\s+/g, ' ')
  for (const [, command, options] of read('docs/audit.md').matchAll(/npm run provider -- (audit \w+)(.*)/g)) {
    expect(usage).toContain(command!)
    for (const [option] of options!.matchAll(/--\w+/g)) expect(usage).toContain(option)
  }
})

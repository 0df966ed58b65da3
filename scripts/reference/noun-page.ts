import { titles } from '../caller-titles.ts'
import { table } from '../keep-page.ts'
import { limitsOf } from './limits.ts'
import { anchorOf, block, cellCode, code, generatedFrom } from './markdown.ts'
import type { Field, Procedure, TypeText } from './procedures.ts'
import { linkTo } from './types.ts'

export function nounPage(noun: string, procedures: readonly Procedure[]): string[] {
  return [
    `# ${noun}`,
    generatedFrom(`server/routes and client-sdk/api`),
    `[Reference](README.md) · [types](types.md) · [errors](errors.md) · here: ${procedures
      .map(({ name }) => `[${code(name)}](#${anchorOf(name)})`)
      .join(' · ')}`,
    ...procedures.flatMap(sectionOf),
  ]
}

function sectionOf(procedure: Procedure): string[] {
  const { name, says, fields, output } = procedure
  const inline = fields.filter(({ type }) => !isLong(type))
  const long = fields.filter(({ type }) => isLong(type))
  return [
    `## ${name}`,
    says,
    block(callOf(procedure)),
    whoMay(procedure),
    ...(fields.length === 0 ? ['Takes nothing.'] : []),
    ...(inline.length > 0 ? [table(['input', 'type', ''], inline.map(rowOf))] : []),
    ...long.flatMap(({ name, type, optional, schema }) => [
      `${code(`${name}${optional ? '?' : ''}`)}${limitsOf(schema) ? `, ${limitsOf(schema)},` : ''} is`,
      block(broken(type.text)),
    ]),
    `Answers ${linked(output, code)}.${procedure.isPaged ? ' [`all`](sdk.md#all) turns the pages.' : ''}${
      procedure.kind === 'subscription' ? ' [`events`](sdk.md#events) follows it over every break.' : ''
    }`,
  ]
}

function callOf({ path, kind, fields, inputOptional }: Procedure): string {
  const input =
    fields.length === 0 ? '' : inputOptional || fields.every(({ optional }) => optional) ? 'input?' : 'input'
  if (kind === 'subscription') return `client.${path}.subscribe(${input}, { onData, onError })`
  return `await client.${path}.${kind === 'query' ? 'query' : 'mutate'}(${input})`
}

function whoMay({ kind, meta }: Procedure): string {
  const who = meta.for.map((caller) => titles[caller]).join(', ')
  const scope = meta.scope ? ` · scope ${code(meta.scope)}` : ''
  return `**${kind}** · may call it: ${who}${scope} · limit ${code(meta.limit)}`
}

const rowOf = ({ name, type, optional, schema }: Field) => [
  code(`${name}${optional ? '?' : ''}`),
  linked(type, cellCode),
  limitsOf(schema),
]

/** Too long for a cell of a table. */
const isLong = ({ text }: TypeText) => text.length > 120 && text.includes('{')

/** One alternative a line. */
const broken = (text: string) => text.replaceAll(' } | {', ' }\n  | {')

/** A type with where its names are defined. */
function linked({ text, names }: TypeText, written: (text: string) => string): string {
  const known = names.filter((name) => linkTo(name))
  if (known.length === 0) return written(text)
  if (known.length === 1) return `[${written(text)}](${linkTo(known[0]!)})`
  return `${written(text)} (${known.map((name) => `[${code(name)}](${linkTo(name)})`).join(', ')})`
}

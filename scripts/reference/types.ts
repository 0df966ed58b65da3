import ts from 'typescript-5'
import { anchorOf, block, code, generatedFrom } from './markdown.ts'
import type { Procedure } from './procedures.ts'
import { codeOf, docOf, namesIn, statementsIn, statementsOf } from './source.ts'

const isType = (node: ts.Node): node is ts.TypeAliasDeclaration | ts.InterfaceDeclaration =>
  ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)

const isExported = (node: ts.Node) =>
  ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

const published = new Map(
  statementsOf('client-sdk/api/index.d.ts')
    .filter(isType)
    .map((node) => [node.name.text, node]),
)

/** The types of the contract, by name. Fields have their comments in the contract; lists of words are as the SDK has them. */
const contract = new Map(
  statementsIn('server/contract')
    .filter(isType)
    .filter((node) => isExported(node) && published.has(node.name.text))
    .map(
      (node) => [node.name.text, node.getText().includes('(typeof ') ? published.get(node.name.text)! : node] as const,
    )
    .toSorted(([one], [other]) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1)),
)

/** Told elsewhere, at length. */
const elsewhere: Record<string, string> = {
  ServiceEvent: 'The union of all events; what each says is in [events](../events.md).',
  ErrorCode: 'All codes of the service: see [errors](errors.md).',
}

/** Links a type's definition; null for what is none of the contract's. */
export const linkTo = (name: string) => (contract.has(name) ? `types.md#${anchorOf(name)}` : null)

export function typesPage(procedures: readonly Procedure[]): string[] {
  return [
    '# Types',
    generatedFrom('server/contract'),
    `What procedures take and answer, as the SDK exports it: \`import type { Payment } from '@provider-service/client'\`. Amounts are
\`bigint\` base units of their asset, addresses are checksummed, times are UTC.`,
    ...[...contract].flatMap(([name, node]) => sectionOf(name, node, procedures)),
  ]
}

function sectionOf(name: string, node: ts.Node, procedures: readonly Procedure[]): string[] {
  const answering = procedures.filter(({ output }) => output.names.includes(name))
  const used = namesIn(node).filter((each) => each !== name && contract.has(each))
  const says = docOf(node).says
  return [
    `## ${name}`,
    ...(says ? [says] : []),
    elsewhere[name] ?? block(codeOf(node)),
    [
      ...(used.length > 0 && !elsewhere[name]
        ? [`Made of: ${used.map((each) => `[${code(each)}](#${anchorOf(each)})`).join(', ')}`]
        : []),
      ...(answering.length > 0
        ? [
            `Answered by: ${answering.map(({ path, page, name: verb }) => `[${code(path)}](${page}#${anchorOf(verb)})`).join(', ')}`,
          ]
        : []),
    ].join('<br>\n'),
  ].filter((paragraph) => paragraph !== '')
}

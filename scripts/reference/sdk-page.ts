import ts from 'typescript-5'
import { anchorOf, block, code, generatedFrom } from './markdown.ts'
import { codeOf, type Doc, docOf, namesIn, statementsOf } from './source.ts'
import { linkTo } from './types.ts'

const entries = {
  index: '@provider-service/client',
  react: '@provider-service/client/react',
  next: '@provider-service/client/next',
  wagmi: '@provider-service/client/wagmi',
}

const titleOf: Record<keyof typeof entries, string> = {
  index: 'For any server or page.',
  react: 'For React, with TanStack Query: see [how to](../how-to/react.md).',
  next: 'For Next.js: see [how to](../how-to/next.md).',
  wagmi: "For people's own wallets, with wagmi: see [how to](../how-to/wallets.md).",
}

/** One thing that an entry of the package exports. */
interface Export {
  name: string
  nodes: ts.Node[]
  isType: boolean
  doc: Doc
}

export function sdkPage(): string[] {
  const exported = new Map<string, { entry: keyof typeof entries; link: string }>()
  const anchors: string[] = []
  const linkOf = ({ name }: Export) => `[${code(name)}](${exported.get(name)!.link})`
  const sections = (Object.keys(entries) as (keyof typeof entries)[]).flatMap((entry) => {
    const all = exportsOf(entry)
    const [here, before] = [false, true].map((is) => all.filter(({ name }) => exported.has(name) === is)) as [
      Export[],
      Export[],
    ]
    for (const { name } of here) {
      exported.set(name, { entry, link: `#${numbered(anchorOf(name), anchors)}` })
      anchors.push(anchorOf(name))
    }
    return [
      `## ${entries[entry]}`,
      titleOf[entry],
      here.map(linkOf).join(' · '),
      ...(before.length > 0
        ? [`As in ${code(`/${exported.get(before[0]!.name)!.entry}`)}: ${before.map(linkOf).join(', ')}`]
        : []),
      ...here.flatMap(sectionOf),
    ]
  })
  return [
    '# The SDK',
    generatedFrom('client-sdk/api'),
    `What \`@provider-service/client\` and its sub-paths export. The procedures of a client are described [noun by noun](README.md), what they take and answer in
[types](types.md), and errors in [errors](errors.md).`,
    ...sections,
  ]
}

/** The anchor of a heading among those before it: `Intentions` comes after `intentions`. */
function numbered(anchor: string, before: readonly string[]): string {
  const count = before.filter((each) => each === anchor).length
  return count === 0 ? anchor : `${anchor}-${count}`
}

/** What an entry exports and the contract does not define: functions first. */
function exportsOf(entry: keyof typeof entries): Export[] {
  const statements = statementsOf(`client-sdk/api/${entry}.d.ts`)
  const listed = new Set(
    statements
      .filter(ts.isExportDeclaration)
      .flatMap(({ exportClause }) =>
        exportClause && ts.isNamedExports(exportClause) ? exportClause.elements.map((each) => each.name.text) : [],
      ),
  )
  const found = new Map<string, Export>()
  for (const node of statements) {
    const name = nameOf(node)
    if (!name || linkTo(name) || name === 'AppRouter') continue
    const isExported =
      listed.has(name) ||
      (ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword))
    if (!isExported) continue
    const one = found.get(name)
    if (one) one.nodes.push(node)
    else
      found.set(name, {
        name,
        nodes: [node],
        isType: ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node),
        doc: docOf(node),
      })
  }
  return [...found.values()].toSorted((one, other) => Number(one.isType) - Number(other.isType))
}

function nameOf(node: ts.Statement): string | null {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations[0]!.name.getText()
  return (ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)) &&
    node.name
    ? node.name.text
    : null
}

function sectionOf({ name, nodes, doc }: Export): string[] {
  const known = [...new Set(nodes.flatMap(namesIn))].filter((each) => linkTo(each))
  return [
    `### ${name}`,
    ...(doc.says ? [doc.says] : []),
    ...(name === 'ClientErrorCode' ? ['See [errors](errors.md#of-the-sdk).'] : [block(nodes.map(codeOf).join('\n'))]),
    ...(doc.returns ? [`**Returns** ${doc.returns}.`] : []),
    ...(doc.throws ? [`**Throws** ${doc.throws}.`] : []),
    ...doc.examples.map(block),
    ...(known.length > 0
      ? [`Of the contract: ${known.map((each) => `[${code(each)}](${linkTo(each)})`).join(', ')}`]
      : []),
  ]
}

import ts from 'typescript-5'
import { compile, emptyProject } from './compile.ts'

/**
 * What breaks for whoever compiled against the `before` declarations, when they get the `after` ones: judged by the compiler. A call that was
 * written then must still be one, and what comes of it must still be what it was.
 *
 * More error codes and more types of events are no break: the documents say that there will be.
 *
 * @returns a line for each thing that breaks; none is an addition, or nothing
 */
export async function breaksOf(before: string, after: string): Promise<string[]> {
  await using project = await emptyProject()
  await Promise.all([
    project.write('before.d.ts', grown(before)),
    project.write('after.d.ts', after),
    project.write('compare.ts', assertionsFor(before)),
  ])
  const { problems } = await compile(project, ['compare.ts'], { skipLibCheck: true })
  const lines = assertionsFor(before).split('\n')
  return [
    ...new Set(
      problems.map((problem) => {
        const line = /^compare\.ts\((\d+),/.exec(problem)?.[1]
        const what = line === undefined ? null : /\/\/ (.*)$/.exec(lines[Number(line) - 1]!)?.[1]
        return what ? `${what}: ${problem.replace(/^.*?error \w+: /, '')}` : problem
      }),
    ),
  ]
}

/** What may grow is taken as it is now: it would differ everywhere. */
const grown = (before: string): string =>
  ['Client', 'ErrorCode', 'ClientErrorCode', 'ServiceEvent'].reduce(
    (text, name) =>
      text.replace(
        new RegExp(`\\bexport type ${name} =`),
        `export type ${name} = import('./after.js').${name}\ntype ${name}Before =`,
      ),
    before,
  )

/** An assignment for each thing that was promised. */
function assertionsFor(before: string): string {
  const source = ts.createSourceFile('before.d.ts', before, ts.ScriptTarget.Latest, true)
  const types: string[] = []
  const lines: string[] = []
  const isExported = (node: ts.Node) =>
    ts.canHaveModifiers(node) && ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  for (const statement of source.statements) {
    if (ts.isVariableStatement(statement)) {
      const [{ name, type }] = statement.declarationList.declarations as unknown as [ts.VariableDeclaration]
      if (isExported(statement)) lines.push(valueLine(name.getText()))
      else if (type && ts.isTypeLiteralNode(type)) lines.push(...procedureLines(nounOf(name.getText()), type))
      continue
    }
    const name = (statement as ts.Statement & { name?: ts.Identifier }).name?.text
    if (name === undefined || !isExported(statement)) continue
    if (ts.isFunctionDeclaration(statement)) lines.push(valueLine(name))
    else types.push(`import type { ${name} as ${name}After } from './after.js' // the export ${name}`)
  }
  return [
    `import type * as Before from './before.js'`,
    `import type * as After from './after.js'`,
    `type BeforeClient = import('@trpc/client').TRPCClient<Before.AppRouter>`,
    `declare const before: BeforeClient`,
    `declare const after: After.Client`,
    ...new Set(types),
    ...new Set(lines),
  ].join('\n')
}

const nounOf = (name: string) => name.replace(/\$\d+$/, '')

const valueLine = (name: string) =>
  `export const value_${name}: typeof Before.${name} = null as unknown as typeof After.${name} // ${name}()`

function procedureLines(noun: string, type: ts.TypeLiteralNode): string[] {
  return type.members.flatMap((member) => {
    const name = member.name!.getText()
    const kind = (member as ts.PropertySignature).type!.getText()
    const method = /^(Query|Paged)\b/.test(kind)
      ? 'query'
      : /^(Mutation|Keyed|Operated)\b/.test(kind)
        ? 'mutate'
        : 'subscribe'
    const path = `${noun}.${name}.${method}`
    const id = `${noun}_${name}`
    return [
      `export const input_${id}: Parameters<typeof after.${path}>[0] = null as unknown as Parameters<typeof before.${path}>[0] // the input of ${noun}.${name}`,
      `export const output_${id}: Awaited<ReturnType<typeof before.${path}>> = null as unknown as Awaited<ReturnType<typeof after.${path}>> // the output of ${noun}.${name}`,
    ]
  })
}

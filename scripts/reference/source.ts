import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript-5'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** The statements of a file of this repository. */
export function statementsOf(path: string): readonly ts.Statement[] {
  return ts.createSourceFile(path, readFileSync(`${root}${path}`, 'utf8'), ts.ScriptTarget.Latest, true).statements
}

/** The statements of every file of a folder, file by file in the order of their names. */
export function statementsIn(folder: string): readonly ts.Statement[] {
  return globSync(`${folder}/*.ts`, { cwd: root }).toSorted().flatMap(statementsOf)
}

/** What is said of something right above it. */
export interface Doc {
  /** In Markdown; empty where nothing is said. */
  says: string
  throws: string | null
  returns: string | null
  examples: string[]
}

export function docOf(node: ts.Node): Doc {
  const last = ts
    .getJSDocCommentsAndTags(node)
    .filter((each) => ts.isJSDoc(each))
    .at(-1)
  const lines = (last?.getText() ?? '')
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
  const [says = '', ...tags] = lines.join('\n').split(/^@(?=throws|returns|example|param)/m)
  const tagged = (tag: string) =>
    tags.filter((text) => text.startsWith(tag)).map((text) => text.slice(tag.length).trim())
  const [throws, returns] = [tagged('throws')[0], tagged('returns')[0]]
  return {
    says: asProse(says),
    throws: throws ? asProse(throws) : null,
    returns: returns ? asProse(returns) : null,
    examples: tagged('example'),
  }
}

/** Paragraphs and points of a list, each in a line. */
const asProse = (text: string) =>
  text
    .trim()
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.replace(/\s*\n(?!- )\s*/g, ' '))
    .join('\n\n')

/** A declaration as readers write one: without what a declaration file adds, two spaces deep. */
export function codeOf(node: ts.Node): string {
  return node
    .getText()
    .replace(/^(export )?(declare )?/, '')
    .replaceAll('\t', '  ')
    .replace(/;$/gm, '')
    .replace(/ +$/gm, '')
}

/** The types that a declaration names, in the order in which it does. */
export function namesIn(node: ts.Node): string[] {
  const names = new Set<string>()
  const visit = (each: ts.Node): void => {
    if (ts.isTypeReferenceNode(each)) names.add(each.typeName.getText())
    if (ts.isExpressionWithTypeArguments(each)) names.add(each.expression.getText())
    ts.forEachChild(each, visit)
  }
  visit(node)
  return [...names]
}

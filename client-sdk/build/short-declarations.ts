import ts from 'typescript-5'

/**
 * Says the declarations in fewer words, for people and compilers: what every procedure repeats is said once, a union that has a name is
 * called by it, and an object that fits a line stands on one. No type changes by it.
 */
export const shortDeclarations = {
  name: 'short-declarations',
  renderChunk: {
    order: 'post' as const,
    handler: (code: string, { fileName }: { fileName: string }) =>
      fileName.endsWith('.d.ts') ? passes.reduce((text, pass) => pass(text), code) : null,
  },
}

const WIDTH = 150

/** Another text in place of a piece of the source. */
interface Edit {
  from: number
  to: number
  text: string
}

const parsed = (code: string) => ts.createSourceFile('index.d.ts', code, ts.ScriptTarget.Latest, true)

const edited = (code: string, edits: Edit[]): string =>
  edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: by }) => text.slice(0, from) + by + text.slice(to), code)

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = []
  node.forEachChild((child) => void children.push(child))
  return children
}

/** A node and all in it, outermost first. */
function* within(node: ts.Node): Generator<ts.Node> {
  yield node
  for (const child of childrenOf(node)) yield* within(child)
}

/** Nouns of which every word is kept; the procedures of others, which offices use and apps hardly, say what they do in a few words. */
const ofApps = /^(access|auth|compliance|events(\$\d)?|payments|paywalls|wallets)$/
/** What offices see: what it is and each member means is in the reference. */
const ofOffices =
  /^(ApiKey|Approval|Audit|AcceptedOperation|Buying(Policy|Publication|Terms)|Caller|Checkpoint|Consequence|CountedEntry|Decision$|ErrorShape|Deliver|Eerc|Endpoint|Expla|Held|Hold|ImportFacts|Inbox|IssuerAction|List|Operation|NewApiKey|Party|Policy|Registered|Report|Requested|Review|Role|Rule|ServiceEvent|Session|Token(Action|Standard))/

function briefOffices(code: string): string {
  const edits: Edit[] = []
  for (const statement of parsed(code).statements) {
    const from = statement.getFullStart()
    const text = code.slice(from, statement.end)
    if (ts.isVariableStatement(statement)) {
      const name = statement.declarationList.declarations[0]!.name.getText()
      if (!ofApps.test(name))
        edits.push({
          from,
          to: statement.end,
          text: text
            .replaceAll(comment, fewWords)
            .replaceAll(/, (newest first|once somebody else has approved it)(?=\. \*\/)/g, ''),
        })
    }
    if (ts.isTypeAliasDeclaration(statement) && ofOffices.test(statement.name.text)) {
      edits.push({ from, to: statement.end, text: text.replaceAll(/\s*\/\*\*[\s\S]*?\*\//g, '') })
    }
  }
  return edited(code, edits)
}

const comment = /\/\*\*([\s\S]*?)\*\//g

function fewWords(_: string, words: string): string {
  const text = words.replaceAll(/\s*\n\s*\* ?/g, ' ').trim()
  const clause = /, (?:and|for|frozen|from|newest|oldest|shown|whatever|when|whether|which|with|within|without) .*$/
  return `/** ${text.replace(/[.:;] .*|\.$/, '').replace(clause, '')}. */`
}

/** `import("@trpc/server")` in the middle of a type stands for a name that is imported anyway. */
function onceImported(code: string): string {
  const names = new Set<string>()
  const body = code.replaceAll(/import\("@trpc\/server"\)\.(\w+)/g, (_, name: string) => {
    names.add(name)
    return name
  })
  return body
    .replace(/(?<=^import \{ )(?=.* from "@trpc\/server")/m, `${[...names].sort().join(', ')}, `)
    .replaceAll('index_d_exports', 'procedures')
}

/** What procedures declare of themselves is the service's affair. */
function withoutMeta(code: string): string {
  const edits: Edit[] = []
  for (const node of within(parsed(code))) {
    if (ts.isTypeReferenceNode(node) && node.getText() === 'Meta')
      edits.push({ from: node.getStart(), to: node.end, text: 'object' })
    const isOfMeta =
      (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) &&
      /^(Meta|Callers|Limit)$/.test(node.name.text)
    if (isOfMeta) edits.push({ from: node.getFullStart(), to: node.end, text: '' })
  }
  return edited(code, edits)
}

/** `(typeof roles)[number]` and `keyof typeof errorCodes` as the words that they are: what they are taken from is not there to be used. */
function plainUnions(code: string): string {
  const { statements } = parsed(code)
  const constants = new Map(
    statements
      .filter((statement) => ts.isVariableStatement(statement))
      .map((statement) => [statement.declarationList.declarations[0]!.name.getText(), statement]),
  )
  const edits: Edit[] = []
  for (const statement of statements) {
    if (!ts.isTypeAliasDeclaration(statement)) continue
    const name = /^(?:\(typeof (\w+)\)\[number\]|keyof typeof (\w+))$/.exec(statement.type.getText())?.slice(1).join('')
    const constant = constants.get(name ?? '')
    if (!constant) continue
    edits.push({ from: constant.getFullStart(), to: constant.end, text: '' })
    edits.push({ from: statement.type.getStart(), to: statement.type.end, text: unionOf(wordsOf(constant)) })
  }
  return edited(code, edits)
}

function wordsOf(constant: ts.VariableStatement): string[] {
  let { type } = constant.declarationList.declarations[0]!
  if (type && ts.isTypeOperatorNode(type)) ({ type } = type)
  if (type && ts.isTupleTypeNode(type)) return type.elements.map((element) => unquoted(element.getText()))
  if (type && ts.isTypeLiteralNode(type)) return type.members.map((member) => member.name!.getText())
  throw new Error(`No words are known of ${constant.getText().slice(0, 80)}`)
}

/** Words as a union; of `payments:read` and the like, nouns of which the same is done are named together. */
function unionOf(words: string[]): string {
  const quoted = (some: string[]) => some.map((word) => `'${word}'`).join(' | ')
  if (!words.every((word) => word.includes(':'))) return quoted(words)
  const verbs = Map.groupBy(words, (word) => word.split(':')[0]!)
  const nouns = Map.groupBy(verbs.keys(), (noun) => quoted(verbs.get(noun)!.map((word) => word.slice(noun.length + 1))))
  return [...nouns].map(([verb, some]) => `\`${templateOf(quoted(some))}:${templateOf(verb)}\``).join(' | ')
}

/** A union in the middle of a word. */
const templateOf = (union: string) => (union.includes('|') ? `\${${union}}` : unquoted(union))

const unquoted = (literal: string) => literal.slice(1, -1)

/** A union of words that has a name is called by it. */
function namedUnions(code: string): string {
  const { source, checker } = checked(code)
  const names = new Map<string, { name: string; type: ts.TypeNode }>()
  for (const statement of source.statements) {
    if (!ts.isTypeAliasDeclaration(statement)) continue
    const type = checker.getTypeAtLocation(statement.name)
    if (type.isUnion() && type.types.every((word) => word.isStringLiteral())) {
      const key = type.types
        .map(({ value }) => value)
        .toSorted()
        .join()
      if (!names.has(key)) names.set(key, { name: statement.name.text, type: statement.type })
    }
  }
  const edits: Edit[] = []
  for (const node of within(source)) {
    if (!ts.isUnionTypeNode(node)) continue
    const words = node.types.filter((type) => ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal))
    const key =
      words.length > 1
        ? words
            .map((word) => unquoted(word.getText()))
            .toSorted()
            .join()
        : ''
    const named = names.get(key)
    if (!named || named.type === node) continue
    const others = node.types.filter((type) => !words.includes(type)).map((type) => type.getText())
    const text = [named.name, ...others].join(' | ')
    // `(A | B)[]` needs its parentheses no longer
    const wrapped = ts.isParenthesizedTypeNode(node.parent) && others.length === 0 ? node.parent : node
    edits.push({ from: wrapped.getStart(), to: wrapped.end, text })
  }
  return edited(code, edits)
}

/** The declarations with what the compiler makes of them. */
function checked(code: string): { source: ts.SourceFile; checker: ts.TypeChecker } {
  const source = parsed(code)
  const program = ts.createProgram(
    [source.fileName],
    { noLib: true, types: [] },
    {
      ...ts.createCompilerHost({}),
      getSourceFile: (name) => (name === source.fileName ? source : undefined),
      fileExists: (name) => name === source.fileName,
    },
  )
  return { source, checker: program.getTypeChecker() }
}

/** An object, or a union or intersection of some, that has a name is called by it: in inputs, by what may be given for it. */
function namedObjects(code: string): string {
  const source = parsed(code)
  const names = new Map<string, { name: string; type: ts.TypeNode }>()
  for (const statement of source.statements) {
    if (!ts.isTypeAliasDeclaration(statement) || statement.typeParameters) continue
    const { type } = statement
    if (!isComposed(type)) continue
    const name = statement.name.text
    names.set(shapeOf(type), { name, type })
    const given = shapeOf(type, 'string')
    if (!names.has(given)) names.set(given, { name: `Given<${name}>`, type })
  }
  const edits: Edit[] = []
  const visit = (node: ts.Node): void => {
    const known = ts.isTypeNode(node) && isComposed(node) ? names.get(shapeOf(node)) : undefined
    if (known && known.type !== node) {
      const wrapped = ts.isParenthesizedTypeNode(node.parent) ? node.parent : node
      edits.push({ from: wrapped.getStart(), to: wrapped.end, text: known.name })
    } else if (ts.isIntersectionTypeNode(node)) edits.push(...partOf(node, names))
    else if (ts.isUnionTypeNode(node) && isComposed(node)) edits.push(...lastOf(node, names))
    else node.forEachChild(visit)
  }
  for (const statement of source.statements) if (ts.isVariableStatement(statement)) visit(statement)
  return edited(code, edits)
}

/** `A & { … } & B` by the name of as many of its first parts as have one together. */
function partOf({ types }: ts.IntersectionTypeNode, names: Map<string, { name: string }>): Edit[] {
  const shapes = types.map((type) => shapeOf(type))
  for (let count = types.length - 1; count > 1; count--) {
    const known = names.get(shapes.slice(0, count).toSorted().join('&'))
    if (known) return [{ from: types[0]!.getStart(), to: types[count - 1]!.end, text: known.name }]
  }
  return []
}

/** `{ … } | A | B` by the name of its last parts. */
function lastOf({ types }: ts.UnionTypeNode, names: Map<string, { name: string }>): Edit[] {
  for (let begin = 1; begin < types.length - 1; begin++) {
    const rest = types.slice(begin)
    const known = names.get(
      rest
        .map((type) => shapeOf(type))
        .toSorted()
        .join('|'),
    )
    if (known) return [{ from: rest[0]!.getStart(), to: rest.at(-1)!.end, text: known.name }]
  }
  return []
}

const isComposed = (type: ts.TypeNode) =>
  (ts.isTypeLiteralNode(type) && type.members.length > 1) ||
  ts.isIntersectionTypeNode(type) ||
  (ts.isUnionTypeNode(type) && type.types.every(ts.isTypeLiteralNode))

/** A type in words that do not depend on the order of its parts; `address` is what one is called. */
function shapeOf(type: ts.TypeNode, address = 'Address'): string {
  const shapes = (types: readonly ts.TypeNode[]) => types.map((part) => shapeOf(part, address)).toSorted()
  if (ts.isTypeLiteralNode(type))
    return `{${type.members
      .map((member) => {
        const { name, questionToken, type } = member as ts.PropertySignature
        return `${name.getText()}${questionToken ? '?' : ''}:${shapeOf(type!, address)}`
      })
      .toSorted()
      .join(';')}}`
  if (ts.isUnionTypeNode(type)) return shapes(type.types).join('|')
  if (ts.isIntersectionTypeNode(type)) return shapes(type.types).join('&')
  if (ts.isArrayTypeNode(type)) return `${shapeOf(type.elementType, address)}[]`
  if (ts.isParenthesizedTypeNode(type)) return `(${shapeOf(type.type, address)})`
  const text = type.getText().replaceAll('"', "'")
  return text === 'Address' ? address : text
}

const aliases = `
/** What every procedure says of itself. */
type Of<Input, Output> = { input: Input; output: Output; meta: object; errorShape: TRPCDefaultErrorShape };
type Query<Input, Output> = TRPCQueryProcedure<Of<Input, Output>>;
type Mutation<Input, Output> = TRPCMutationProcedure<Of<Input, Output>>;
/** Does once what is asked for with one key, however often it is asked for. */
type Keyed<Input, Output> = Mutation<Input & { idempotencyKey: string }, Output>;
/** What a token's issuer has done with it, and why. */
type Operated<Input = object> = Keyed<Input & { tokenId: string; reason: string }, AcceptedOperation>;
/** What may be given for it: addresses need no checksum. */
type Given<T> = T extends Address ? string : T extends bigint | Date ? T : T extends object ? { [Name in keyof T]: Given<T[Name]> } : T;
/** Pages of at most \`limit\` (1 to 100, 20 by default), newest first where nothing else is said; \`all\` turns them. */
type Paged<Item, Filter = object> = Query<{ cursor?: string | null; limit?: number } & Filter, Page<Item>>;
`

/** Procedures by what tells them apart. */
function shortProcedures(code: string): string {
  const edits: Edit[] = []
  const source = parsed(code)
  for (const node of within(source)) {
    if (!ts.isTypeReferenceNode(node)) continue
    const kind = /^TRPC(Query|Mutation)Procedure$/.exec(node.typeName.getText())?.[1]
    const said = node.typeArguments?.[0]
    if (!kind || !said || !ts.isTypeLiteralNode(said)) continue
    const [input, output] = ['input', 'output'].map(
      (name) => said.members.filter(ts.isPropertySignature).find((member) => member.name.getText() === name)!.type!,
    ) as [ts.TypeNode, ts.TypeNode]
    edits.push({
      from: node.getStart(),
      to: node.end,
      text:
        pagedOf(kind, input, output) ??
        keyedOf(kind, input, output) ??
        `${kind}<${input.getText()}, ${output.getText()}>`,
    })
  }
  const end = source.statements.findLast(ts.isExportDeclaration)!.getFullStart()
  return edited(code, [...edits, { from: end, to: end, text: aliases.trimEnd() }])
}

function keyedOf(kind: string, input: ts.TypeNode, output: ts.TypeNode): string | null {
  if (kind !== 'Mutation' || !ts.isTypeLiteralNode(input)) return null
  const named = (...names: string[]) => input.members.filter((member) => names.includes(member.name!.getText()))
  const without = (...names: string[]) => input.members.filter((member) => !names.includes(member.name!.getText()))
  const objectOf = (members: ts.TypeElement[]) => `{\n${members.map((member) => member.getText()).join('\n')}\n}`
  if (named('idempotencyKey').length === 0 || named('idempotencyKey')[0]!.questionToken || input.members.length === 1)
    return null
  if (output.getText() === 'AcceptedOperation' && named('tokenId', 'reason').length === 2) {
    const others = without('tokenId', 'reason', 'idempotencyKey')
    return others.length === 0 ? 'Operated' : `Operated<${objectOf(others)}>`
  }
  return `Keyed<${objectOf(without('idempotencyKey'))}, ${output.getText()}>`
}

function pagedOf(kind: string, input: ts.TypeNode, output: ts.TypeNode): string | null {
  const item = /^Page<(.*)>$/s.exec(output.getText())?.[1]
  if (kind !== 'Query' || item === undefined || !ts.isTypeLiteralNode(input)) return null
  const isPaging = (member: ts.TypeElement) => ['cursor', 'limit'].includes(member.name!.getText())
  if (input.members.filter(isPaging).length !== 2) return null
  const filters = input.members.filter((member) => !isPaging(member)).map((member) => member.getText())
  return filters.length === 0 ? `Paged<${item}>` : `Paged<${item}, {\n${filters.join('\n')}\n}>`
}

/** Objects stand on one line where they fit; where they do not, each member has its own, and each arm of a union. */
function laidOut(code: string): string {
  const source = parsed(code)
  const edits: Edit[] = []
  for (const statement of source.statements) {
    if (ts.isClassDeclaration(statement) || ts.isExportDeclaration(statement) || ts.isImportDeclaration(statement))
      continue
    const from = statement.getStart()
    edits.push({ from, to: statement.end, text: new Layout(code).of(statement, '') })
  }
  return edited(code, edits)
    .replaceAll(/;$/gm, '')
    .replaceAll(/^( {2})+/gm, (spaces) => '\t'.repeat(spaces.length / 2))
}

/** Writes a node anew, word by word as it is, but for white space between its parts. */
class Layout {
  readonly #code: string

  constructor(code: string) {
    this.#code = code
  }

  of(node: ts.Node, indent: string): string {
    const line = this.#onOneLine(node)
    if (line !== null && indent.length * 4 + line.length <= WIDTH) return line
    if (ts.isTypeLiteralNode(node)) {
      const members = node.members.map(
        (member) => `${indent}\t${this.#comments(member, indent)}${this.of(member, `${indent}\t`)}`,
      )
      return `{\n${members.join('\n')}\n${indent}}`
    }
    if (ts.isUnionTypeNode(node) && node.types.every((type) => ts.isLiteralTypeNode(type)) && line !== null)
      return line.replaceAll(new RegExp(`(?=.{${WIDTH}})(.{1,${WIDTH}}) \\| `, 'g'), `$1\n${indent}\t| `)
    if (ts.isUnionTypeNode(node) && ts.isTypeLiteralNode(node.types[0]!) && node.types[1]!.getText() === 'null')
      return node.types.map((arm) => this.of(arm, indent)).join(' | ')
    if (ts.isUnionTypeNode(node) && !ts.isParenthesizedTypeNode(node.parent))
      return node.types
        .map((arm) => `\n${indent}\t${this.#comments(arm, indent)}| ${this.of(arm, `${indent}\t`)}`)
        .join('')
    return this.#children(node, indent)
  }

  /** The text between the children of a node stays; the children are laid out. */
  #children(node: ts.Node, indent: string): string {
    let text = ''
    let place = node.getStart()
    for (const child of childrenOf(node)) {
      // the first arm of a union says its own
      const start = ts.isUnionTypeNode(child) ? child.getFullStart() : child.getStart()
      text += this.#code.slice(place, start) + this.of(child, indent)
      place = child.end
    }
    return text + this.#code.slice(place, node.end).replace(/;$/, '')
  }

  #onOneLine(node: ts.Node): string | null {
    const text = node.getText()
    if (text.includes('/*')) return null
    return text
      .replaceAll(/\s*\n\s*/g, ' ')
      .replaceAll(/;( ?\})/g, '$1')
      .replace(/;$/, '')
  }

  /** What is said before a node, in the place where it goes. */
  #comments(node: ts.Node, indent: string): string {
    const text = this.#code.slice(node.getFullStart(), node.getStart())
    return [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)]
      .map(([said]) => `${said.replaceAll(/\n\s*\*/g, `\n${indent}\t *`)}\n${indent}\t`)
      .join('')
  }
}

/** `x?: string | undefined` is `x?: string` to all but those who compile with `exactOptionalPropertyTypes`. */
function plainOptions(code: string): string {
  const edits: Edit[] = []
  for (const node of within(parsed(code))) {
    if (!ts.isPropertySignature(node) || !node.questionToken || !node.type || !ts.isUnionTypeNode(node.type)) continue
    const last = node.type.types.at(-1)!
    if (last.getText() === 'undefined') edits.push({ from: node.type.types.at(-2)!.end, to: last.end, text: '' })
  }
  return edited(code, edits)
}

/** `export` stands before what it exports. */
function exportedInPlace(code: string): string {
  const source = parsed(code)
  const list = source.statements.findLast(ts.isExportDeclaration)!
  const names = new Map<string, string>()
  for (const { name, propertyName } of (list.exportClause as ts.NamedExports).elements)
    names.set((propertyName ?? name).text, name.text)
  const edits: Edit[] = [{ from: list.getStart(), to: list.end, text: 'export {};' }]
  const renamed: string[] = []
  for (const statement of source.statements) {
    const declared = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0]! : statement
    const name = (declared as ts.NamedDeclaration).name?.getText()
    const exported = names.get(name ?? '')
    if (name === undefined || exported === undefined) continue
    if (exported === name) edits.push({ from: statement.getStart(), to: statement.getStart(), text: 'export ' })
    else renamed.push(`${name} as ${exported}`)
  }
  if (renamed.length > 0) edits[0]!.text = `export { ${renamed.join(', ')} };`
  return edited(code, edits)
}

/** What a file says of itself is nobody's here: only the last comment before a name is of it. */
const withoutHeaders = (code: string) => code.replaceAll(/\/\*\*(?:(?!\*\/)[\s\S])*\*\/\s*(?=\/\*\*)/g, '')

const passes = [
  withoutMeta,
  withoutHeaders,
  briefOffices,
  exportedInPlace,
  plainOptions,
  onceImported,
  plainUnions,
  namedUnions,
  namedObjects,
  shortProcedures,
  laidOut,
]

import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { root } from './compile.ts'

/** An `@example` of something that the package exports. */
export interface Example {
  /** What it shows. */
  name: string
  /** The entry that exports it: `index`, `next`, `react` or `wagmi`. */
  entry: string
  /** What it imports itself. */
  imports: string
  /** The rest, as it would stand in a function. */
  body: string
}

const folder = join(root, 'client-sdk')
const documented = /\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*export (?:async )?(?:function\*?|const) (\w+)/g

/** Every example in the sources of the package. */
export async function examples(): Promise<Example[]> {
  const found: Example[] = []
  for await (const path of glob(['*.ts', '{next,react,wagmi}/*.ts'], { cwd: folder })) {
    const [, entry = 'index'] = /^(\w+)[/\\]/.exec(path) ?? []
    const text = await readFile(join(folder, path), 'utf8')
    for (const [, comment, name] of text.matchAll(documented)) {
      const lines = comment!.split('\n').map((line) => line.replace(/^ \* ?/, ''))
      for (const part of lines.join('\n').split('@example\n').slice(1)) {
        const [code] = part.split(/^@/m) as [string]
        const isImport = (line: string) => line.startsWith('import ')
        const rest = code.split('\n').filter((line) => !isImport(line) && line !== "'use client'")
        found.push({
          name: name!,
          entry,
          imports: code.split('\n').filter(isImport).join('\n'),
          body: rest
            .map((line) => line.replace(/^export /, '').replace(/^</, ';<'))
            .join('\n')
            .trim(),
        })
      }
    }
  }
  return found
}

/** These of the names that an example uses and does not import. */
export function usedBy({ imports, body }: Example, names: readonly string[]): string[] {
  const imported = imports.replaceAll(/'[^']*'/g, '')
  const has = (text: string, name: string) => new RegExp(`\\b${name}\\b`).test(text)
  return names.filter((name) => has(body, name) && !has(imported, name))
}

/** An example as a module that compiles where the package is installed, with what `given` declares. */
export function moduleOf(example: Example, exported: Record<string, readonly string[]>, given: string): string {
  const specifier = (entry: string) => `@provider-service/client${entry === 'index' ? '' : `/${entry}`}`
  const own = usedBy(example, exported[example.entry]!)
  const core = usedBy(example, exported.index!).filter((name) => !own.includes(name))
  const names = [...given.matchAll(/^export (?:declare )?(?:const|function|type) (\w+)/gm)].map(([, name]) => name!)
  const free = usedBy(example, names).filter((name) => !own.includes(name) && !core.includes(name))
  return [
    example.imports,
    ...(own.length > 0 ? [`import { ${own.join(', ')} } from '${specifier(example.entry)}'`] : []),
    ...(core.length > 0 ? [`import { ${core.join(', ')} } from '${specifier('index')}'`] : []),
    ...(free.length > 0 ? [`import { ${free.join(', ')} } from './given.js'`] : []),
    `export async function Example() {\n${example.body}\n}`,
  ].join('\n')
}

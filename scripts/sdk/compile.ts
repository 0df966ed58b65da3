import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = fileURLToPath(new URL('../..', import.meta.url))

/** What arrives with the package, and nothing else. */
const installed = ['@trpc/client', '@trpc/server', 'superjson', 'copy-anything']

/** An empty project outside of the repository, in which the package's dependencies are installed. */
export interface Project extends AsyncDisposable {
  folder: string
  write(path: string, text: string): Promise<void>
  /** Links what the machine has of packages that people bring along themselves. */
  link(...names: string[]): Promise<void>
}

export async function emptyProject(): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'provider-service-sdk-'))
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  await write('package.json', '{"name":"consumer","private":true,"type":"module"}')
  for (const name of installed)
    await cp(`${root}node_modules/${name}`, join(folder, 'node_modules', name), { recursive: true, dereference: true })
  return {
    folder,
    write,
    async link(...names) {
      for (const name of names) {
        await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
        await symlink(`${root}node_modules/${name}`, join(folder, 'node_modules', name))
      }
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

/** TypeScript by the name under which it is installed here: 5.9, 6 and 7. */
export type Compiler = 'typescript-5' | 'typescript-6' | 'typescript'

const options = {
  strict: true,
  noEmit: true,
  skipLibCheck: false,
  target: 'es2022',
  lib: ['esnext', 'dom'],
  types: [],
}

/** What `tsc` says of a project, as a strict consumer would have it; `problems` is empty when nothing is wrong. */
export async function compile(
  { folder, write }: Project,
  files: string[],
  {
    compiler = 'typescript',
    moduleResolution = 'nodenext',
    ...more
  }: { compiler?: Compiler; moduleResolution?: 'nodenext' | 'bundler'; [option: string]: unknown } = {},
): Promise<{ problems: string[]; instantiations: number }> {
  const module = moduleResolution === 'nodenext' ? 'nodenext' : 'esnext'
  const name = `tsconfig.${compiler}.${moduleResolution}.json`
  await write(name, JSON.stringify({ compilerOptions: { ...options, module, moduleResolution, ...more }, files }))
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [`${root}node_modules/${compiler}/bin/tsc`, '-p', join(folder, name), '--extendedDiagnostics', '--pretty', 'false'],
    { cwd: folder, maxBuffer: 64 * 1024 * 1024 },
  ).catch((error: { stdout?: string; message: string }) => ({ stdout: error.stdout || `error: ${error.message}` }))
  return {
    problems: stdout.split('\n').filter((line) => /\berror\b/.test(line)),
    instantiations: Number(/^Instantiations:\s+(\d+)/m.exec(stdout)?.[1] ?? Number.NaN),
  }
}

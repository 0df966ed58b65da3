import { execFile } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const app = fileURLToPath(new URL('..', import.meta.url))
const root = fileURLToPath(new URL('../../..', import.meta.url))
const client = 'node_modules/@provider-service/client'

/** The app as it is, beside an SDK the declarations of which were changed. */
async function appWith(change: (declarations: string) => string): Promise<string> {
  // within the folder of the examples, from where what the app installed is found
  const copy = await mkdtemp(join(root, 'examples', '.breaks-'))
  const except = ['node_modules', '.next', 'tests', 'tsconfig.tsbuildinfo']
  for (const name of await readdir(app))
    if (!except.includes(name)) await cp(join(app, name), join(copy, name), { recursive: true })
  await cp(join(app, client), join(copy, client), { recursive: true })
  for (const name of await readdir(join(app, 'node_modules')))
    if (!name.startsWith('.') && name !== '@provider-service')
      await symlink(join(app, 'node_modules', name), join(copy, 'node_modules', name))
  const path = join(copy, client, 'dist', 'index.d.ts')
  const declarations = await readFile(path, 'utf8')
  const changed = change(declarations)
  await writeFile(path, changed)
  return copy
}

const problemsOf = async (folder: string): Promise<string> => {
  try {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--noEmit'], {
      cwd: folder,
    })
    return ''
  } catch (error) {
    return (error as { stdout: string }).stdout
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('the app fits the SDK, and no longer when a payment loses what the app shows of it', async () => {
  expect(await problemsOf(await appWith((declarations) => declarations))).toBe('')

  const withoutHash = await appWith((declarations) => {
    const shorter = declarations.replace(/(\btype Payment = \{[^}]*?)\btransactionHash: Hash \| null;?/, '$1')
    expect(shorter).not.toBe(declarations)
    return shorter
  })
  expect(await problemsOf(withoutHash)).toMatch(/Property 'transactionHash' does not exist on type/)
})

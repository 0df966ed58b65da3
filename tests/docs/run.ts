import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../sandbox/free-port.ts'
import { blocksOf, isAmong } from './blocks.ts'
import { openShell } from './shell.ts'

// `npm run test:docs`: does what the quick start and the README tell a newcomer to do, block by block, in a copy of this folder.

const root = fileURLToPath(new URL('../..', import.meta.url))
const began = performance.now()
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s`

const scratch = await mkdtemp(join(tmpdir(), 'newcomer-'))
try {
  const copy = join(scratch, 'provider-service')
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' })
  for (const file of files.split('\0').filter((name) => name && name !== 'node_modules'))
    await cp(join(root, file), join(copy, file)).catch((error) => {
      // deleted, and not committed yet
      if (error.code !== 'ENOENT') throw error
    })
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'))

  await using shell = openShell(scratch, {
    ...process.env,
    PORT: String(await freePort()),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  })
  shell.folder = copy

  const quickStart = 'docs/quick-start.md'
  let written = ''
  for (const { language, label, text, line } of blocksOf(await readFile(join(root, quickStart), 'utf8'))) {
    if (language === 'sh' && label === 'background') await shell.start(text, 'is ready')
    else if (language === 'sh') written = await shell.run(text)
    else if (label) await shell.save(label, text)
    else if (!isAmong(text, written)) throw new Error(`${quickStart}:${line}: this is not what it wrote:\n${written}`)
    console.log(`${seconds()}  ${quickStart}:${line}  ${language || 'output'} ${label}`)
  }

  for (const { language, text, line } of blocksOf(await readFile(join(root, 'README.md'), 'utf8'))) {
    if (language !== 'ts') continue
    await shell.save(
      'readme.mts',
      `import { appId, cursor, from, handle, order, paywallId, signer, walletId } from '${copy}/tests/docs/given.ts'\n${text}process.exit()\n`,
    )
    await shell.run(`'${process.execPath}' --env-file=../provider-service/.data/sandbox.env readme.mts`)
    console.log(`${seconds()}  README.md:${line}  ts`)
  }
  console.log(`${seconds()}  all of it works`)
} finally {
  await rm(scratch, { recursive: true, force: true })
}

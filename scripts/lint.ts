import { spawnSync } from 'node:child_process'
import path from 'node:path'

/** Checks form and style of everything; `npm run lint -- --fix` mends what can be mended. */
const root = path.join(import.meta.dirname, '..')
const fix = process.argv.includes('--fix')

const checks = [
  ['prettier', 'prettier/bin/prettier.cjs', fix ? '--write' : '--check', '--log-level=warn', '.'],
  ['eslint', 'eslint/bin/eslint.js', ...(fix ? ['--fix'] : []), '--max-warnings=0', '.'],
] as const

const failed = checks.filter(([, program, ...args]) => {
  const { status } = spawnSync(
    process.execPath,
    [path.join(root, 'node_modules', program), ...args],
    { cwd: root, stdio: 'inherit' },
  )
  return status !== 0
})

for (const [name] of failed) console.error(`${name} is not satisfied`)
if (failed.length === 0) console.log('prettier and eslint are satisfied')
process.exitCode = failed.length === 0 ? 0 : 1

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

const root = path.resolve(import.meta.dirname, '..')

/**
 * Ground floor first. A room imports only itself and rooms on lower floors. `proof` lies outside `src`:
 * it is what the product and whoever checks it without the product have in common.
 */
const floors = [
  'proof',
  'kernel',
  'ocpp',
  'storage',
  'bus',
  'models',
  'operations',
  'signals',
  'audit',
  'witness',
  'siem',
  'identity',
  'trust',
  'files',
  'firmware',
  'access',
  'fleet',
  'policy',
  'detection',
  'gateway',
  'reconciliation',
  'trace',
  'intake',
  'commands',
  'energy',
  'upkeep',
  'approvals',
  'api',
] as const

interface Import {
  readonly file: string
  readonly target: string
}

function sourceFiles(folder: string): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/\.(test|type-test)\.ts$/.test(file))
}

function localImports(folder: string): Import[] {
  return sourceFiles(folder).flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8')
    return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)].map(
      ([, specifier]) => ({
        file,
        target: path.relative(root, path.resolve(root, path.dirname(file), specifier ?? '')),
      }),
    )
  })
}

function roomOf(file: string): string {
  const [top, room] = file.split(path.sep)
  return top === 'src' && room !== undefined ? room : (top ?? '')
}

test('a room imports only from lower floors', () => {
  const wrong = localImports('src')
    .filter(({ file }) => file.split(path.sep).length > 2)
    .filter(({ file, target }) => {
      const from = floors.indexOf(roomOf(file) as (typeof floors)[number])
      const to = floors.indexOf(roomOf(target) as (typeof floors)[number])
      return from === -1 || to === -1 || to > from
    })
  assert.deepEqual(wrong, [])
})

test('every folder under src is a room with its floor', () => {
  const rooms = readdirSync(path.join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  const inside = floors.filter((floor) => floor !== 'proof')
  assert.deepEqual(rooms.map((room) => room.name).sort(), inside.sort())
})

test('the simulator knows only the wire, so it has no back door', () => {
  const wrong = localImports('simulator').filter(
    ({ target }) => !/^(simulator|src[\\/](ocpp|kernel))[\\/]/.test(target),
  )
  assert.deepEqual(wrong, [])
})

test('what verifies proofs stands alone, so that it can be read, and trusted, by itself', () => {
  const wrong = localImports('proof').filter(({ target }) => roomOf(target) !== 'proof')
  assert.deepEqual(wrong, [])
})

test('the CLI speaks only to the API, and verifies proofs without it', () => {
  assert.deepEqual(
    localImports('cli').filter(({ target }) => !/^((cli|proof)[\\/]|package\.json$)/.test(target)),
    [],
  )
})

test('only compose.ts and compose-control.ts construct what main.ts starts', () => {
  const openers =
    /\bopen(Database|Proofs|Witness|Fleet|Intake|Commands|Gateway|Audit|Identity|Api|Health|Files|Firmware|Access|Policy|Trace|Energy|Upkeep|Approvals|ApprovedRequests|Siem|Reconciliation|Detection|Detection|Passkeys|WaysIn)\(/
  const wrong = sourceFiles('src').filter(
    (file) =>
      !['compose.ts', 'compose-control.ts'].includes(roomOf(file)) &&
      new RegExp(`(?<!function )${openers.source}`).test(
        readFileSync(path.join(root, file), 'utf8'),
      ),
  )
  assert.deepEqual(wrong, [])
})

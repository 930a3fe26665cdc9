import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks a second of /proc/<pid>/stat; 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

/**
 * CPU seconds used so far by the living descendants of a process, itself not included: of the product, that
 * is its PostgreSQL. Undefined where there is no /proc.
 */
export function descendantsCpuSeconds(pid: number): number | undefined {
  const stats = readStats()
  if (stats === undefined) return undefined
  const family = new Set([pid])
  for (let size = 0; size !== family.size;) {
    size = family.size
    for (const one of stats) if (family.has(one.parent)) family.add(one.pid)
  }
  const ticks = stats
    .filter((one) => one.pid !== pid && family.has(one.pid))
    .reduce((sum, one) => sum + one.ticks, 0)
  return ticks / ticksPerSecond
}

function readStats(): { pid: number; parent: number; ticks: number }[] | undefined {
  let names: string[]
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return undefined
  }
  return names.flatMap((name) => {
    try {
      const text = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The command's name may hold anything; what follows its last parenthesis is plain.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
      const ticks = Number(fields[11]) + Number(fields[12])
      return [{ pid: Number(name), parent: Number(fields[1]), ticks }]
    } catch {
      return []
    }
  })
}

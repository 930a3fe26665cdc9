import type { Operation } from '../operations/operation.ts'

/** Whether one of the patterns covers an operation: its name, `*`, its family `charger.*`, or its risk `risk:routine`. */
export function coversOperation(
  patterns: readonly string[],
  { name, risk }: Pick<Operation, 'name' | 'risk'>,
): boolean {
  return patterns.some(
    (pattern) =>
      pattern === '*' ||
      pattern === name ||
      pattern === `risk:${risk}` ||
      (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -1))),
  )
}

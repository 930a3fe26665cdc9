import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import cases from './cases.json' with { type: 'json' }
import notApplicable from './not-applicable.json' with { type: 'json' }

export interface Standing {
  readonly version: string
  readonly name: string
  readonly standing: 'covered' | 'not applicable' | 'open'
  /** The test file, or why it does not apply. */
  readonly by: string
}

const folder = import.meta.dirname

/** Names of cases in test files, by the file that plays them. */
export function playedCases(): Map<string, string> {
  const played = new Map<string, string>()
  for (const file of globSync('*.test.ts', { cwd: folder }).sort()) {
    const text = readFileSync(path.join(folder, file), 'utf8')
    const version = /conformance\(\s*'([\d.]+)'/.exec(text)?.[1] ?? ''
    for (const [, name] of text.matchAll(/'(TC_\w+_CSMS [^']+)'/g))
      played.set(`${version} ${name}`, file)
  }
  return played
}

/** How each case of the public lists stands. */
export function standings(): Standing[] {
  const played = playedCases()
  return Object.entries(cases).flatMap(([version, list]) =>
    list.map(({ id, name }): Standing => {
      const title = `${id} ${name}`
      const file = played.get(`${version} ${title}`)
      if (file !== undefined) return { version, name: title, standing: 'covered', by: file }
      const reasons: Readonly<Record<string, string>> =
        notApplicable[version as keyof typeof notApplicable]
      const why = reasons[id]
      if (why !== undefined) return { version, name: title, standing: 'not applicable', by: why }
      return { version, name: title, standing: 'open', by: '' }
    }),
  )
}

/** The reference page, generated. */
export function conformancePage(notice: string): string {
  const all = standings()
  const count = (standing: Standing['standing']): number =>
    all.filter((one) => one.standing === standing).length
  const sections = Object.keys(cases).map((version) => {
    const rows = all
      .filter((one) => one.version === version)
      .map(({ name, standing, by }) => {
        const [id, ...words] = name.split(' ')
        return `| ${id} | ${words.join(' ')} | ${standing} | ${by} |`
      })
    return [
      `## OCPP ${version}`,
      '',
      '| case | name | standing | by |',
      '| --- | --- | --- | --- |',
      ...rows,
    ].join('\n')
  })
  return [
    '# Conformance',
    '',
    notice,
    '',
    'The public case lists for a management system, and how each stands here. A covered case is played by a test of its name against the running product over real sockets (`npm test -- test/conformance`).',
    '',
    `${all.length} cases: ${count('covered')} covered, ${count('not applicable')} not applicable, ${count('open')} open.`,
    '',
    ...sections.flatMap((section) => [section, '']),
  ].join('\n')
}

import { guards } from '../src/policy/guards/guards.ts'
import { needsAt, needsWords } from '../src/policy/risk/rule.ts'
import { defaultRules } from '../src/policy/rules/rules.ts'

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string

/** What risk and guards say with the figures the product comes with. */
export function guardsPage(notice: string, table: Table): string {
  const { risk, guards: figures } = defaultRules
  const levels = [
    ['moderate', risk.levels.moderate] as const,
    ['high', risk.levels.high] as const,
    ['severe', risk.levels.severe] as const,
    ...risk.beyond.map((one) => ['severe', one] as const),
  ]
  const steps = (name: string, all: typeof risk.targets, what: string) =>
    all.map(({ from, times }) => [name, `${from} or more ${what}`, `times ${times}`])
  return [
    '# Risk and guards',
    notice,
    'The figures are those the product comes with. They are data: the sections `risk` and `guards` of the policy’s rules. `otactl explain` shows what holds in an installation for one command.',
    '## Risk',
    'A score is the weight of the operation’s class times one step of each factor. A greater score never needs less.',
    table(
      ['Part', 'When', 'Weight'],
      [
        ...Object.entries(risk.classes).map(([name, weight]) => [
          'class',
          `the operation is ${name}`,
          String(weight),
        ]),
        ...steps('targets', risk.targets, 'chargers'),
        ...steps('sessions', risk.sessions, 'sessions running on them'),
        ...steps('failures', risk.failures, 'failures of it on them within an hour'),
        ...risk.hours.map(({ name, from, to, times }) => [
          'hour',
          `${name}, ${from} to ${to} (${risk.timeZone})`,
          `times ${times}`,
        ]),
      ],
    ),
    table(
      ['Level', 'From a score of', 'It needs'],
      levels.map(([name, { from }]) => [name, String(from), needsWords(needsAt(risk, from))]),
    ),
    'Every command needs a reason, whatever its risk. A robot shows no factor: see `guard.robot-budget`.',
    '## Guards',
    ...guards.map(({ rule, title, because, figures: say }) =>
      [
        `### ${title}`,
        `\`${rule}\`. ${because}`,
        say(figures)
          .map((line) => `- ${line.replaceAll('*', '\\*')}`)
          .join('\n'),
      ].join('\n\n'),
    ),
  ].join('\n\n')
}

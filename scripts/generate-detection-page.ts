import { detectors } from '../src/detection/detectors/all.ts'
import { defaultDetectionRules } from '../src/policy/rules/detection.ts'
import { team } from '../test/misuse/life.ts'
import { measure } from '../test/misuse/measure.ts'
import { baselineDays, quietDays } from '../test/misuse/scenarios.ts'

/** What detection looks at, and how well it does on labelled stories. */
export async function detectionPage(
  notice: string,
  table: (head: readonly string[], rows: readonly (readonly string[])[]) => string,
): Promise<string> {
  const { played, quiet } = await measure()
  const misuse = played.filter(({ scenario }) => scenario.label === 'misuse')
  const legitimate = played.filter(({ scenario }) => scenario.label === 'legitimate')
  const found = misuse.filter(({ foundAt }) => foundAt !== undefined)
  const wrongly = legitimate.filter(({ foundAt }) => foundAt !== undefined)
  const perThousand = ((quiet.alarms / quiet.attempts) * 1000).toFixed(1)
  return [
    '# Detection',
    '',
    notice,
    '',
    'Before a command is sent, it is held against what is usual. Each detector can be `off`, `observe`, ask for a second factor (`step-up`), ask for `approval`, `throttle` or `hold`, for people and robots apart; the figures are part of the policy. Every finding opens an alert with the observed value, the baseline and the window.',
    '',
    table(
      ['detector', 'what is held against what', 'people', 'robots'],
      detectors.map(({ name, title, baseline }) => {
        const { person, robot } = modes[name]
        return [`\`${name}\``, `${title}. ${baseline}.`, `\`${person}\``, `\`${robot}\``]
      }),
    ),
    '',
    '## How well it does',
    '',
    `A team of ${team.length} (six people, two robots) works ${baselineDays} days by itself; then each story is played with the default figures. ${found.length} of ${misuse.length} stories of misuse are found, and ${wrongly.length} of ${legitimate.length} legitimate ones. Of ${quiet.attempts} ordinary attempts in the ${quietDays} days after, ${quiet.alarms} are stopped wrongly (${perThousand} in 1,000). \`npm test -- test/misuse\` plays them.`,
    '',
    table(
      ['story', 'label', 'found by', 'at attempt'],
      played.map(({ scenario, by, foundAt, attempts }) => [
        scenario.name,
        scenario.label,
        by.join(', ') || 'nothing',
        foundAt === undefined ? '' : `${foundAt} of ${attempts}`,
      ]),
    ),
    '',
  ].join('\n')
}

const rules = defaultDetectionRules
const modes = {
  frequency: rules.frequency,
  'first-ever': rules.firstEver,
  'same-fault': rules.sameFault,
  refusals: rules.refusals,
  'off-hours': rules.offHours,
} as const

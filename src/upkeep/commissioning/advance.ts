import type { Ask, Fates } from '../ask.ts'
import { commandsOf } from '../ask.ts'
import type { Look, Scene } from './checks/check.ts'
import { checklist } from './checks/checklist.ts'
import type { Finding, Run, Step, Verdict } from './run.ts'

/** What a run is decided from, beside its own state. */
export type Seen = Omit<Scene, 'wanted' | 'asked' | 'since'> & { readonly fates: Fates }

/** How often a run is looked at where no news comes. */
const pollMs = 30_000

/**
 * Goes through the checklist as far as it can be gone now: to a command that is to be given, to something
 * that is waited for, or to the end. Pure.
 */
export function advanced(run: Run, seen: Seen): Run {
  let at = run
  while (at.state === 'running') {
    const step = at.step ?? begun(at, seen.now)
    if (step === undefined) return completed(at, seen.now)
    // Its last command has been decided and not given yet.
    if (step.asks.some(({ command }) => command === null))
      return { ...at, step, lookAt: nextLook(at, seen.now + pollMs, seen.now) }
    const look = lookOf(at, step, seen)
    if ('until' in look)
      return { ...at, step, lookAt: nextLook(at, Math.max(look.until, seen.now), seen.now) }
    if ('ask' in look) return asking(at, step, look, seen.now)
    at = withFinding(at, step, look, seen.now)
  }
  return at
}

/** The next check nobody has looked at; undefined when all have been. */
function begun({ findings }: Run, now: number): Step | undefined {
  const next = checklist.find(({ name }) => !findings.some(({ check }) => check === name))
  return next === undefined ? undefined : { check: next.name, since: now, asks: [] }
}

function lookOf({ wanted }: Run, { check, since, asks }: Step, seen: Seen): Look {
  const { fates, ...scene } = seen
  const asked = commandsOf(asks).flatMap((id) => fates.get(id) ?? [])
  const one = checklist.find(({ name }) => name === check)
  if (one === undefined) throw new Error(`there is no check ${check}`)
  return one.look({ ...scene, wanted, asked, since })
}

function asking(
  run: Run,
  step: Step,
  { ask, params }: Extract<Look, { ask: string }>,
  now: number,
): Run {
  const key = `commissioning/${run.id}/${step.check}/${step.asks.length + 1}`
  const one: Ask = { key, operation: ask, params, reason: run.reason, command: null }
  return { ...run, step: { ...step, asks: [...step.asks, one] }, lookAt: now + pollMs }
}

function withFinding(
  run: Run,
  step: Step,
  { found, evidence, advice, detail }: Extract<Look, { found: string }>,
  now: number,
): Run {
  const finding: Finding = {
    ...{ check: step.check, result: found, evidence },
    ...{ advice: advice ?? null, detail: detail ?? null },
    ...{ commands: commandsOf(step.asks), at: now },
  }
  const findings = [...run.findings, finding]
  const next = { ...run, findings, step: null }
  // Without a connection there is nothing to look at.
  return step.check === 'connection' && found === 'failed'
    ? completed(rested(next, now), now)
    : next
}

function rested(run: Run, now: number): Run {
  const open = checklist.filter(({ name }) => !run.findings.some(({ check }) => check === name))
  const findings = open.map(({ name }): Finding => {
    const nothing = { advice: null, detail: null, commands: [], at: now }
    return { check: name, result: 'skipped', evidence: 'it is not connected', ...nothing }
  })
  return { ...run, findings: [...run.findings, ...findings] }
}

function completed(run: Run, now: number): Run {
  const verdict = verdictOn(run.findings)
  return { ...run, state: 'completed', verdict, step: null, endedAt: now, lookAt: null }
}

export function verdictOn(findings: readonly Finding[]): Verdict {
  const has = (result: Finding['result']): boolean => findings.some((one) => one.result === result)
  return has('failed') ? 'failed' : has('warning') ? 'passed-with-warnings' : 'passed'
}

/** The time for the next look stays where one is arranged, so that news that changes nothing writes nothing. */
function nextLook({ lookAt }: Run, until: number, now: number): number {
  const at = Math.min(until, now + pollMs)
  return lookAt !== null && lookAt > now && lookAt <= at ? lookAt : at
}

/** The command a check wants cannot be given at all: that is what it finds. */
export function refusedAsk(run: Run, why: string, now: number): Run {
  const { step } = run
  if (step === null) return run
  const given = step.asks.filter(({ command }) => command !== null)
  const evidence = `it could not be asked: ${why}`
  const look = { found: 'failed', evidence, advice: 'See what was asked for.' } as const
  return { ...withFinding(run, { ...step, asks: given }, look, now), lookAt: now }
}

import type { ApiClient } from './api-client.ts'
import { apiClient, succeeded, untilSucceeded } from './api-client.ts'
import type { Candidate } from './candidate.ts'
import type { LeanCharger } from './charger.ts'
import { descendantsCpuSeconds } from './process-tree.ts'

/** What so many commands took. */
export interface Run {
  readonly perSecond: number
  readonly cpuMs: number
  readonly databaseCpuMs: number
  readonly toFrameMs: readonly number[]
}

/** Sends commands to single chargers, so many under way at any moment, until `total` have succeeded. */
export async function drive(
  candidate: Candidate,
  fleet: readonly LeanCharger[],
  concurrency: number,
  total: number,
): Promise<Run> {
  const client = apiClient(candidate, concurrency)
  const before = candidate.health === undefined ? 0 : await succeeded(candidate)
  const cpuBefore = (await candidate.usage()).cpuSeconds
  const databaseBefore = descendantsCpuSeconds(candidate.pid) ?? 0
  const toFrameMs: number[] = []
  const since = performance.now()
  let begun = 0
  async function keepOneUnderWay(lane: number): Promise<void> {
    // Every lane has chargers of its own, so that the frame that comes is that of its command.
    const own = fleet.filter((_, index) => index % concurrency === lane)
    for (let turn = 0; begun < total; turn += 1) {
      begun += 1
      toFrameMs.push(await sendOne(candidate, client, own[turn % own.length]!))
    }
  }
  await Promise.all(Array.from({ length: concurrency }, (_, lane) => keepOneUnderWay(lane)))
  if (candidate.health !== undefined) await untilSucceeded(candidate, before + begun)
  const seconds = (performance.now() - since) / 1000
  client.close()
  const cpu = (await candidate.usage()).cpuSeconds - cpuBefore
  const database = (descendantsCpuSeconds(candidate.pid) ?? 0) - databaseBefore
  return {
    perSecond: begun / seconds,
    cpuMs: (cpu * 1000) / begun,
    databaseCpuMs: (database * 1000) / begun,
    toFrameMs,
  }
}

/** Resolves, once the command was answered 202, with how long its frame took to the charger. */
async function sendOne(
  { health }: Candidate,
  client: ApiClient,
  charger: LeanCharger,
): Promise<number> {
  const since = performance.now()
  const frame = new Promise<number>((resolve) => {
    charger.onCall = () => resolve(performance.now() - since)
  })
  const key = 'HeartbeatInterval'
  const submitted =
    health === undefined
      ? client.submit(
          '/commands',
          JSON.stringify({
            charger: charger.identity,
            action: 'GetConfiguration',
            payload: { key: [key] },
          }),
        )
      : client.submit(
          '/api/v1/commands',
          JSON.stringify({
            operation: 'settings.read',
            params: { keys: [key] },
            target: { chargers: [charger.identity] },
            reason: 'bench',
          }),
        )
  await submitted
  return frame
}

import { readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Fleet } from './fleet/fleet.ts'
import { systemContext } from './kernel/actor.ts'
import { ProblemError } from './kernel/problem.ts'
import { labRoster } from '../simulator/lab.ts'

/** The group of the virtual chargers that come with the product. */
export const labGroup = 'Lab'

export interface LabCharger {
  readonly identity: string
  readonly credential: string
}

/**
 * Sees to it that the Lab's chargers are registered, like any others, and returns the credentials they
 * connect with. These are kept in the data folder, readable by its owner only: the database has hashes.
 */
export async function enrolLab(fleet: Fleet, dataDir: string): Promise<readonly LabCharger[]> {
  const file = path.join(dataDir, 'lab-credentials.json')
  const kept = await keptCredentials(file)
  if (!(await fleet.groups()).some((group) => group.path === labGroup)) {
    await fleet.addGroup(systemContext, { path: labGroup })
  }
  const credentials: Record<string, string> = {}
  for (const { identity, tags } of labRoster()) {
    const credential = kept[identity]
    if (await isRegistered(fleet, identity)) {
      credentials[identity] =
        credential ?? (await fleet.replaceCredential(systemContext, identity)).credential
    } else {
      const registered = await fleet.register(systemContext, {
        identity,
        group: labGroup,
        tags,
        ...(credential === undefined ? {} : { credential }),
      })
      credentials[identity] = credential ?? registered.credential ?? ''
    }
  }
  await writeFile(`${file}.new`, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return Object.entries(credentials).map(([identity, credential]) => ({ identity, credential }))
}

async function keptCredentials(file: string): Promise<Readonly<Record<string, string>>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Record<string, string>
  } catch {
    return {}
  }
}

async function isRegistered(fleet: Fleet, identity: string): Promise<boolean> {
  try {
    await fleet.show(identity)
    return true
  } catch (error) {
    if (error instanceof ProblemError && error.problem.code === 'not-found') return false
    throw error
  }
}

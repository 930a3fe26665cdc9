import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Command } from '@commander-js/extra-typings'
import { exitCodes, type ExitCode } from '../exit-codes.ts'
import { Failure } from '../failure.ts'
import type { World } from '../world.ts'

const simulator = fileURLToPath(new URL('../../simulator/main.ts', import.meta.url))

/** Starts the virtual fleet, a program of its own, and hands everything on to it. */
export function labCommand(world: World) {
  return new Command('lab')
    .description('Start a virtual fleet of chargers; otactl lab --help has its options.')
    .argument('[arguments...]')
    .helpOption(false)
    .exitOverride()
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args) => {
      const child = spawn(process.execPath, [simulator, ...args], {
        // The channel tells it when we are gone, however we die.
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
        env: { ...world.env },
      })
      // Ctrl-C reaches the whole foreground group by itself; a signal sent to us alone does not.
      world.interrupted.addEventListener('abort', () => child.kill('SIGTERM'))
      const code = await new Promise<number>((resolve, reject) => {
        child.once('error', reject)
        child.once('exit', (status, signal) => resolve(status ?? (signal === 'SIGINT' ? 130 : 143)))
      }).catch((error: unknown) => {
        throw new Failure(exitCodes.unexpected, 'no-lab', 'the Lab cannot be started', {
          cause: error,
        })
      })
      world.conclude(code as ExitCode)
    })
}

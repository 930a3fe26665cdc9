import { Option } from '@commander-js/extra-typings'
import { usage } from '../failure.ts'
import type { Output } from '../terminal/output.ts'
import { visible } from '../terminal/text.ts'
import type { World } from '../world.ts'

export function credentialOption() {
  return new Option('--credential <text>', 'its password; - reads it from standard input')
}

/** The credential said; from standard input for `-`, so that it shows in no list of processes. */
export async function credentialFrom(
  world: World,
  option: string | undefined,
): Promise<string | undefined> {
  if (option !== '-') return option
  if (world.input.isTerminal) world.err.write('Credential, then Ctrl-D: ')
  const text = (await world.input.read()).toString('utf8')
  const [line = '', ...rest] = text.replace(/\r?\n$/, '').split(/\r?\n/)
  if (line === '' || rest.length > 0)
    throw usage('standard input must hold the credential, on one line')
  return line
}

export function sayCredential(out: Output, credential: string): void {
  out.say(`Credential: ${out.paint('strong', visible(credential))}`)
  out.note('Keep it now: it is not shown again.')
}

import type { ParseArgsOptionsConfig } from 'node:util'
import { parseField } from '@switchboard/protocol/nemesis'
import type { Storage } from '../storage.ts'

/** One line for whoever typed the command. */
export class CommandError extends Error {
  override name = 'CommandError'
}

/** How a command speaks to whoever typed it. */
export interface Terminal {
  /** What was done, and what was asked for. */
  say(line: string): void
  /** What could not be done. */
  warn(line: string): void
  /** How far a long work is, from time to time. */
  progress(done: number, total: number): void
  /** Asked for only where it is needed. */
  password(): Promise<string>
}

type Run = (storage: Storage, terminal: Terminal) => Promise<void>

/** What was typed, checked for nothing but its type. */
export interface Typed {
  values: Readonly<Record<string, string | boolean | undefined>>
  /** What follows the command's name and is no option. */
  operands: readonly string[]
}

export interface Command {
  /** What follows the command's name. */
  usage: string
  /** Lines of 100 characters at most. */
  about: readonly string[]
  options: ParseArgsOptionsConfig
  /**
   * Checks everything that can be checked before anything is opened.
   * @throws CommandError
   */
  prepare(typed: Typed): Run | Promise<Run>
}

export const TEXT = { type: 'string' } as const
export const FLAG = { type: 'boolean' } as const

/** An option's text, trimmed and in one line; `undefined` where it was not given. */
export function optional({ values }: Typed, name: string): string | undefined {
  const value = values[name]
  if (typeof value !== 'string') return undefined
  const field = parseField(value)
  if (!field.ok) throw new CommandError(`--${name} ${field.error}`)
  return field.value
}

export function required(typed: Typed, name: string): string {
  const value = optional(typed, name)
  if (value === undefined) throw new CommandError(`--${name} is missing; see --help`)
  return value
}

export const isSet = ({ values }: Typed, name: string): boolean => values[name] === true

/** The only one there is. */
export function operand({ operands }: Typed, what: string): string {
  const [value, ...more] = operands
  if (value === undefined) throw new CommandError(`${what} is missing; see --help`)
  if (more.length > 0) throw new CommandError(`there is one ${what}, not ${operands.length}; see --help`)
  return value
}

export function noOperand({ operands }: Typed): void {
  if (operands.length > 0) throw new CommandError('there is more than the command takes; see --help')
}

import { AssertionError } from 'node:assert/strict'
import { type LoadName, loadOf } from '../loads.ts'
import type { Plan } from '../rounds.ts'
import type { Service } from '../subjects/installation.ts'
import { OURS } from '../subjects/ours.ts'
import type { StartContext, Variant } from '../subjects/subject.ts'
import type { Check } from './asked.ts'
import { checkChannels } from './channels.ts'
import { checkChat } from './chat.ts'
import { checkIde } from './ide.ts'
import { checkRelay } from './relay.ts'

/** Milliseconds for one check. Two chat processes that do not hear each other look into the store after ten seconds. */
const PATIENCE_MS = 5_000

const CHECKS: Readonly<Record<Service, Check>> = {
  chat: checkChat,
  channels: checkChannels,
  ide: checkIde,
  relay: checkRelay,
}

/** One of ours does not do what it is measured at: there is nothing to measure. */
export class Unfit extends Error {
  override name = 'Unfit'
}

const inShort = (value: unknown): string => JSON.stringify(value)?.slice(0, 80) ?? 'nothing'

const reasonOf = (error: unknown): string =>
  error instanceof AssertionError
    ? `${inShort(error.actual)} instead of ${inShort(error.expected)}`
    : (error as Error).message

/** Asks running processes of a service for what they are measured at, and closes its connections. @throws Unfit */
export async function check(service: Service, ports: readonly number[], patienceMs = PATIENCE_MS) {
  const [first = '', last = first] = [ports[0], ports.at(-1)].map((port) => `http://127.0.0.1:${port}`)
  const done = new AbortController()
  const signal = AbortSignal.any([done.signal, AbortSignal.timeout(patienceMs)])
  let promise = ''
  const expect = (next: string) => {
    promise = next
  }
  try {
    await CHECKS[service]({ first, last, signal, expect })
  } catch (error) {
    const late = `not within ${patienceMs / 1000} s`
    throw new Unfit(`${promise}: ${signal.aborted ? late : reasonOf(error)}`)
  } finally {
    done.abort()
  }
}

interface SetUp {
  service: Service
  load: LoadName
  variant: Variant
  name: string
}

function nameOf(service: Service, { processes = 1, limits }: Variant): string {
  const many = processes > 1 ? ` in ${processes} processes` : ''
  return service + many + (limits === 'on' ? ' with limits' : '')
}

/** Each way in which the loads want one of ours, once. */
export function setUpsOf({ loads, subjects }: Pick<Plan, 'loads' | 'subjects'>): SetUp[] {
  const all = loads.flatMap((load) => {
    const { subjects: its, variant = {} } = loadOf(load)
    const services = (Object.keys(OURS) as Service[]).filter(
      (service) => its.includes(service) && subjects.has(service),
    )
    return services.map((service) => ({ service, load, variant, name: nameOf(service, variant) }))
  })
  return [...new Map(all.map((one) => [one.name, one])).values()]
}

/**
 * Asks each of ours, as the loads want it and through the SDK. What is asked are processes of their own, so that those that
 * are measured have done nothing before.
 *
 * @returns what is fit to be measured
 * @throws Unfit
 */
export async function checkOurs(
  plan: Pick<Plan, 'loads' | 'subjects'>,
  context: Omit<StartContext, 'job' | 'variant'>,
): Promise<string[]> {
  const setUps = setUpsOf(plan)
  for (const { service, load, variant, name } of setUps) {
    try {
      await using running = await OURS[service].start({ ...context, variant, job: loadOf(load).job })
      await check(service, running.target.ports)
    } catch (error) {
      throw new Unfit(`${name} is not fit to be measured: ${(error as Error).message}`)
    }
  }
  return setUps.map(({ name }) => name)
}

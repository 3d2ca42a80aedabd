import { expect, test } from 'vitest'
import { inRounds } from '../src/rounds.ts'

interface Round {
  questions: number[]
  answer(): void
  fail(error: Error): void
}

/** Rounds that are answered when the test says so. */
function slowAnswers() {
  let began: (round: Round) => void = () => {}
  const nextRound = () =>
    new Promise<Round>((resolve) => {
      began = resolve
    })
  const ask = inRounds(
    (questions: number[]) =>
      new Promise<string[]>((resolve, reject) =>
        began({ questions, answer: () => resolve(questions.map(String)), fail: reject }),
      ),
  )
  return { nextRound, ask }
}

test('what one turn brings is asked together, and so is what comes until that is answered', async () => {
  const { nextRound, ask } = slowAnswers()
  const beginning = nextRound()
  const first = [ask(1), ask(2)]
  const one = await beginning
  expect(one.questions).toEqual([1, 2])
  const others = [ask(3), ask(4)]
  const going = nextRound()
  one.answer()
  expect(await Promise.all(first)).toEqual(['1', '2'])
  const two = await going
  expect(two.questions).toEqual([3, 4])
  two.answer()
  expect(await Promise.all(others)).toEqual(['3', '4'])
})

test('a round that fails fails those who asked in it, and nobody after them', async () => {
  const { nextRound, ask } = slowAnswers()
  const beginning = nextRound()
  const first = ask(1)
  const one = await beginning
  const second = ask(2)
  const going = nextRound()
  one.fail(new Error('away'))
  await expect(first).rejects.toThrow('away')
  ;(await going).answer()
  expect(await second).toBe('2')
})

test('a round has 1,000 questions at most', async () => {
  const sizes: number[] = []
  const ask = inRounds(async (questions: number[]) => {
    sizes.push(questions.length)
    return questions
  })
  const all = Array.from({ length: 1502 }, (_, i) => i)
  expect(await Promise.all(all.map(ask))).toEqual(all)
  expect(sizes).toEqual([1000, 502])
})

test('two rounds begin 5 ms apart, however fast they are answered', async () => {
  const began: number[] = []
  const ask = inRounds(async (questions: number[]) => {
    began.push(performance.now())
    return questions
  })
  for (let i = 0; i < 4; i++) await ask(i)
  const gaps = began.slice(1).map((at, i) => at - (began[i] ?? 0))
  // A timer may come a millisecond early.
  expect(Math.min(...gaps)).toBeGreaterThan(4 - 1)
})

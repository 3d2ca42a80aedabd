import { expect, test } from 'vitest'
import { inRounds } from '../src/rounds.ts'

/** Answers rounds one by one, when the test says so. */
function slowAnswers() {
  const rounds: { questions: number[]; answer(): void; fail(error: Error): void }[] = []
  const askAll = (questions: number[]) =>
    new Promise<string[]>((resolve, reject) =>
      rounds.push({ questions, answer: () => resolve(questions.map(String)), fail: reject }),
    )
  return { rounds, ask: inRounds(askAll) }
}

test('what comes while a question is out is asked together, once that is answered', async () => {
  const { rounds, ask } = slowAnswers()
  const first = ask(1)
  const others = [ask(2), ask(3)]
  expect(rounds.map(({ questions }) => questions)).toEqual([[1]])
  rounds[0]?.answer()
  expect(await first).toBe('1')
  expect(rounds.map(({ questions }) => questions)).toEqual([[1], [2, 3]])
  rounds[1]?.answer()
  expect(await Promise.all(others)).toEqual(['2', '3'])
})

test('a round that fails fails those who asked in it, and nobody after them', async () => {
  const { rounds, ask } = slowAnswers()
  const first = ask(1)
  const second = ask(2)
  rounds[0]?.fail(new Error('away'))
  await expect(first).rejects.toThrow('away')
  rounds[1]?.answer()
  expect(await second).toBe('2')
})

test('a round has 1,000 questions at most', async () => {
  const { rounds, ask } = slowAnswers()
  const all = Array.from({ length: 1502 }, (_, i) => ask(i))
  const answered = Promise.all(all)
  for (let i = 0; i < 3; i++) {
    rounds[i]?.answer()
    await all[[0, 1000, 1501][i] ?? 0]
  }
  expect(await answered).toHaveLength(1502)
  expect(rounds.map(({ questions }) => questions.length)).toEqual([1, 1000, 501])
})

/** Goals as two independent Poisson processes, which is good enough for realistic price movements. */
export interface GoalModel {
  /** Goals that each side is expected to score in the time left. */
  readonly home: number;
  readonly away: number;
}

const MOST = 10;

function poisson(mean: number): number[] {
  const chances = [Math.exp(-mean)];
  for (let goals = 1; goals <= MOST; goals += 1) chances.push(((chances[goals - 1] ?? 0) * mean) / goals);
  return chances;
}

/** Probabilities of final scores, summed by outcome. */
export function chances(model: GoalModel, score: readonly [home: number, away: number]) {
  const [home, away] = [poisson(model.home), poisson(model.away)];
  const sum = { home: 0, draw: 0, away: 0, over: 0, both: 0 };
  home.forEach((chanceHome, more) => {
    away.forEach((chanceAway, others) => {
      const chance = chanceHome * chanceAway;
      const [a, b] = [score[0] + more, score[1] + others];
      sum[a > b ? 'home' : a < b ? 'away' : 'draw'] += chance;
      if (a + b > 2.5) sum.over += chance;
      if (a > 0 && b > 0) sum.both += chance;
    });
  });
  return sum;
}

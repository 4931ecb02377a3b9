import type { DataSource } from 'typeorm';
import { inTransaction } from '@paddock/mysql';

const HOUR_MS = 3_600_000;

/** Minutes are kept for a day, hours for a year. */
const KEEP = { minutesMs: 24 * HOUR_MS, hoursMs: 365 * 24 * HOUR_MS };

/**
 * Turns the minutes of one hour at a time into hours, oldest first, until none is older than a day; each hour in one
 * transaction, so that nothing is counted twice or lost. Resolves with the number of hours that were made.
 */
export async function compactPrices(source: DataSource, now: number): Promise<number> {
  const limit = new Date(Math.floor((now - KEEP.minutesMs) / HOUR_MS) * HOUR_MS);
  await source.query('DELETE FROM `odds_price` WHERE `seconds` = 3600 AND `begin` < ? LIMIT 10000', [
    new Date(now - KEEP.hoursMs),
  ]);
  for (let hours = 0; ; hours += 1) {
    const [oldest]: { begin: Date | null }[] = await source.query(
      'SELECT MIN(`begin`) AS `begin` FROM `odds_price` WHERE `seconds` = 60 AND `begin` < ?',
      [limit],
    );
    if (!oldest?.begin) return hours;
    const begin = new Date(Math.floor(oldest.begin.getTime() / HOUR_MS) * HOUR_MS);
    const end = new Date(begin.getTime() + HOUR_MS);
    await inTransaction(source, async (tx) => {
      await tx.query(
        `INSERT INTO \`odds_price\` (\`market\`, \`runner\`, \`seconds\`, \`begin\`, \`open\`, \`high\`, \`low\`, \`close\`)
         SELECT \`market\`, \`runner\`, 3600, ?,
           CAST(SUBSTRING_INDEX(GROUP_CONCAT(\`open\` ORDER BY \`begin\`), ',', 1) AS UNSIGNED), MAX(\`high\`), MIN(\`low\`),
           CAST(SUBSTRING_INDEX(GROUP_CONCAT(\`close\` ORDER BY \`begin\` DESC), ',', 1) AS UNSIGNED)
         FROM \`odds_price\` WHERE \`seconds\` = 60 AND \`begin\` >= ? AND \`begin\` < ? GROUP BY \`market\`, \`runner\`
         ON DUPLICATE KEY UPDATE \`high\` = GREATEST(\`odds_price\`.\`high\`, VALUES(\`high\`)), \`low\` = LEAST(\`odds_price\`.\`low\`, VALUES(\`low\`)), \`close\` = VALUES(\`close\`)`,
        [begin, begin, end],
      );
      await tx.query('DELETE FROM `odds_price` WHERE `seconds` = 60 AND `begin` >= ? AND `begin` < ?', [begin, end]);
    });
  }
}

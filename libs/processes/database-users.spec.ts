import { expect, test } from 'vitest';
import { hasExactly, isDatabasePassword, type TableGrants, userStatements } from './database-users.js';

const GRANTS: TableGrants = {
  entry: { odds: ['SELECT', 'INSERT'] },
  user: { odds: ['SELECT (`id`, `email`)'], worker: ['SELECT'] },
};
const SHOWN = [
  "GRANT USAGE ON *.* TO `paddock_odds`@`%` IDENTIFIED BY PASSWORD '*B6'",
  'GRANT INSERT, SELECT ON `paddock`.`entry` TO `paddock_odds`@`%`',
  'GRANT SELECT (`email`, `id`) ON `paddock`.`user` TO `paddock_odds`@`%`',
];

test('a user gets its privileges and loses all others', () => {
  expect(
    userStatements(GRANTS, { database: 'paddock', prefix: 'paddock', user: 'odds', password: 'abcdefabcdef' }),
  ).toEqual([
    "CREATE USER IF NOT EXISTS 'paddock_odds'@'%' IDENTIFIED BY 'abcdefabcdef'",
    "ALTER USER 'paddock_odds'@'%' IDENTIFIED BY 'abcdefabcdef'",
    "REVOKE ALL PRIVILEGES, GRANT OPTION FROM 'paddock_odds'@'%'",
    "GRANT SELECT, INSERT ON `paddock`.`entry` TO 'paddock_odds'@'%'",
    "GRANT SELECT (`id`, `email`) ON `paddock`.`user` TO 'paddock_odds'@'%'",
  ]);
});

test('what a server says of a user is compared by its meaning, not by its order', () => {
  expect(hasExactly(GRANTS, 'paddock', 'odds', SHOWN)).toBe(true);
});

test.each([
  ['a privilege more', [...SHOWN, 'GRANT DELETE ON `paddock`.`user` TO `paddock_odds`@`%`']],
  ['a privilege on everything', [...SHOWN, 'GRANT ALL PRIVILEGES ON `paddock`.* TO `paddock_odds`@`%`']],
  ['a table less', SHOWN.slice(0, 2)],
  ['another database', SHOWN.map((line) => line.replace('`paddock`', '`other`'))],
  ['a column more', SHOWN.map((line) => line.replace('`id`)', '`id`, `password_hash`)'))],
])('%s is a difference', (_, shown) => {
  expect(hasExactly(GRANTS, 'paddock', 'odds', shown)).toBe(false);
});

test.each(["x'; DROP TABLE user; -- ", 'short', 'with space in it', ''])('%j is no password', (password) => {
  expect(isDatabasePassword(password)).toBe(false);
});

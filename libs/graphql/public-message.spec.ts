import { describe, expect, it } from 'vitest';
import { publicMessage } from './public-message.js';

describe('the message of an error', () => {
  it('keeps the reason and shortens the value that was sent, however long', () => {
    const value = JSON.stringify('x"\\'.repeat(100_000));
    const message = publicMessage({
      message: `Variable "$first" got invalid value ${value}; Int cannot represent non-integer value: ${value}`,
    });
    expect(message).toMatch(
      /^Variable "\$first" got invalid value "x\\".{1,70}…"; Int cannot represent non-integer value: "x\\".{1,70}…"$/,
    );
  });

  it('stays as it is where it quotes little', () => {
    const message = 'Cannot query field "shoeSize" on type "User".';
    expect(publicMessage({ message })).toBe(message);
  });

  it('is cut where nothing in it is quoted', () => {
    expect(publicMessage({ message: 'y'.repeat(10_000) })).toHaveLength(501);
  });

  it('does not tell how to switch introspection on', () => {
    const apollo = 'GraphQL introspection is not allowed by Apollo Server; to enable it, pass introspection: true';
    expect(
      publicMessage({ message: apollo, extensions: { validationErrorCode: 'INTROSPECTION_DISABLED' } }),
    ).not.toMatch(/apollo|true/i);
  });
});

import fc from 'fast-check';

/** Any Unicode character but surrogates, without the tables that take `unit: 'binary'` five seconds to make. */
const anyCharacter = fc
  .oneof(fc.integer({ min: 0, max: 0xd7ff }), fc.integer({ min: 0xe000, max: 0x10_ffff }))
  .map((codePoint) => String.fromCodePoint(codePoint));

/** Any text that can be written in UTF-8. */
export const anyString = (bounds: { readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ ...bounds, unit: anyCharacter });

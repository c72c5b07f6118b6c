import { expect, it } from 'vitest';

/** Tests a sentence of a guide about another library. The guide must contain the sentence word for word. */
export function claimsOf(guide: string): (sentence: string, test: () => unknown) => void {
  const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ');
  return (sentence, test) =>
    it(`“${sentence}”`, async () => {
      expect(oneLine(guide)).toContain(sentence);
      await test();
    });
}

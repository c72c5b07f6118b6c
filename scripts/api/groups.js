import { Comment, CommentTag } from 'typedoc';

/** The groups of the core page, in order, by the files of `src` that their members come from. */
const PARTS = [
  ['Sessions', /^(session|options|events|keep-alive|warn-before-end|errors|existing)\.|^(tokens|redirect)\//],
  ['Backends', /^(backends|requests)\//],
  ['Stores and tabs', /^(stores|tabs|coordination)\//],
  ['Signing out', /^sign-out\//],
];

export const GROUPS = PARTS.map(([title]) => title);

/** Groups the members of the core module, because sixty members in alphabetical order are hard to search. */
export function groupMembers(project, core) {
  for (const member of core.children ?? []) {
    const file =
      project.getSymbolIdFromReflection(member)?.fileName.replaceAll('\\', '/').split('/src/')[1] ?? '';
    const [title] = PARTS.find(([, files]) => files.test(file)) ?? ['Sessions'];
    for (const documented of member.signatures ?? [member]) {
      documented.comment ??= new Comment();
      documented.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: title }]));
    }
  }
}

/** The members that a reader needs first, in this order. */
const FIRST = [
  'createSession',
  'SessionOptions',
  'Session',
  'attachSession',
  'createSessionFetch',
  'createTestBackend',
];

export function putFirst(module) {
  const rank = ({ name }) => (FIRST.indexOf(name) + FIRST.length + 1) % (FIRST.length + 1);
  for (const group of module.groups ?? []) group.children.sort((a, b) => rank(a) - rank(b));
}

/** What the source means, and TypeDoc leaves out or says in other words. */
export function improve(reflection) {
  if (/^(__namedParameters|given)$/.test(reflection.name)) reflection.name = 'options';
  nameThrown(reflection);
  listCodes(reflection);
  useOwnComment(reflection);
}

/** `@throws {TypeError} why`: without this, only the reason would be on the page. */
function nameThrown({ comment }) {
  for (const { tag, typeAnnotation, content } of comment?.blockTags ?? [])
    if (tag === '@throws' && typeAnnotation)
      content.unshift(text(`\`${typeAnnotation.replace(/^\{|\}$/g, '')}\`: `));
}

/** A comment on each word of a union. */
function listCodes({ type, comment }) {
  if (type?.type !== 'union' || !type.elementSummaries || !comment) return;
  type.types.forEach(({ value }, index) => {
    const summary = type.elementSummaries[index];
    if (summary && typeof value === 'string') comment.summary.push(text(`\n\n- \`${value}\`: `), ...summary);
  });
}

/** A property whose type is a function of another place has that one's comment as well. */
function useOwnComment({ comment, type }) {
  if (!comment?.hasVisibleComponent()) return;
  for (const signature of type?.declaration?.signatures ?? []) delete signature.comment;
}

const text = (words) => ({ kind: 'text', text: words });

/** The options that nobody has described: `SessionOptions.leeway`. */
export function undescribed(interfaces) {
  const options = interfaces.filter(({ name }) => name.endsWith('Options'));
  return options.flatMap(({ name, children = [] }) =>
    children.filter((option) => !isDescribed(option)).map((option) => `${name}.${option.name}`),
  );
}

/** A literal names the kind of its interface, whose comment says what that is. */
function isDescribed({ comment, signatures = [], type }) {
  const comments = [
    comment,
    ...[...signatures, ...(type?.declaration?.signatures ?? [])].map((one) => one.comment),
  ];
  return type?.type === 'literal' || comments.some((one) => one?.summary.length);
}

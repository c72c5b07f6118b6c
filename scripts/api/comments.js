/** Adds what TypeDoc leaves out, and corrects what it words differently. */
export function improve(reflection) {
  if (/^(__namedParameters|given)$/.test(reflection.name)) reflection.name = 'options';
  nameThrown(reflection);
  listCodes(reflection);
  useOwnComment(reflection);
}

/** Shows the type of `@throws {TypeError} why`. TypeDoc would show only the reason. */
function nameThrown({ comment }) {
  for (const { tag, typeAnnotation, content } of comment?.blockTags ?? [])
    if (tag === '@throws' && typeAnnotation)
      content.unshift(text(`\`${typeAnnotation.replace(/^\{|\}$/g, '')}\`: `));
}

/** Lists the comment on each string of a union. */
function listCodes({ type, comment }) {
  if (type?.type !== 'union' || !type.elementSummaries || !comment) return;
  type.types.forEach(({ value }, index) => {
    const summary = type.elementSummaries[index];
    if (summary && typeof value === 'string') comment.summary.push(text(`\n\n- \`${value}\`: `), ...summary);
  });
}

/** If the type of a property is a function with a comment of its own, shows only the comment of the property. */
function useOwnComment({ comment, type }) {
  if (!comment?.hasVisibleComponent()) return;
  for (const signature of type?.declaration?.signatures ?? []) delete signature.comment;
}

const text = (words) => ({ kind: 'text', text: words });

/** Returns the options without a comment, e.g. `SessionOptions.leeway`. */
export function undescribed(interfaces) {
  const options = interfaces.filter(({ name }) => name.endsWith('Options'));
  return options.flatMap(({ name, children = [] }) =>
    children.filter((option) => !isDescribed(option)).map((option) => `${name}.${option.name}`),
  );
}

/** A literal needs no comment: it names the kind of its interface, whose comment explains it. */
function isDescribed({ comment, signatures = [], type }) {
  const comments = [
    comment,
    ...[...signatures, ...(type?.declaration?.signatures ?? [])].map((one) => one.comment),
  ];
  return type?.type === 'literal' || comments.some((one) => one?.summary.length);
}

const HEADING = /^(#{3,6}) (.*?)(?: \{#([^}]*)\})?$/gm;

/**
 * Gives each heading an anchor that says where it is, `sessionoptions-leeway`, so that links to it stay valid. `anchors`
 * maps each old anchor to its new one.
 */
export function nameHeadings(markdown, anchors) {
  const path = [];
  const used = new Map();
  return markdown.replaceAll(HEADING, (_, marks, title, old) => {
    path.splice(marks.length - 3, path.length, title.toLowerCase().replaceAll(/\W/g, ''));
    const name = path.filter(Boolean).join('-');
    const count = (used.get(name) ?? 0) + 1;
    used.set(name, count);
    const anchor = count > 1 ? `${name}-${count}` : name;
    if (old) anchors.set(old, anchor);
    return `${marks} ${title} {#${anchor}}`;
  });
}

/** `anchorsOf` has the anchors of each page. */
export function rewriteLinks(markdown, page, anchorsOf) {
  return markdown.replaceAll(/\]\(([\w-]*?)(\.md)?#([^)]+)\)/g, (_, target, extension = '', old) => {
    const anchor = anchorsOf.get(target || page)?.get(old) ?? old;
    return `](${target}${extension}#${anchor})`;
  });
}

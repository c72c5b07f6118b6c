// The link in the playground contains the file name, because not every server adds it.
if (location.pathname.endsWith('/index.html')) history.replaceState(null, '', '.');

/** The folder of this app. The build does not know where it will be served. */
const base = new URL(import.meta.env.BASE_URL, document.baseURI).pathname;

export const paths = { orders: base, profile: `${base}profile`, login: `${base}login` };

const base = import.meta.env.BASE_URL;

export const paths = { orders: base, profile: `${base}profile`, login: `${base}login` };

/** Who can sign in. The name is also the id. */
export const USERS = ['kevin', 'ann'].map((name) => ({ username: name, password: 'open-sesame', id: name }));

export const PASSWORD = 'open-sesame';

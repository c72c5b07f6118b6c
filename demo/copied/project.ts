/** The values that a real project writes directly into the code. */
export interface Project {
  baseURL: string;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  openLoginPage(): void;
}

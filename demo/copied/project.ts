/** What a real project writes into the code itself. */
export interface Project {
  baseURL: string;
  storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;
  openLoginPage(): void;
}

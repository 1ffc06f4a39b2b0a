/** A user as the server knows one that has shown a token, or that an administrator names. */
export interface Actor {
  readonly id: number;
  readonly name: string;
  readonly role: 'user' | 'admin';
}

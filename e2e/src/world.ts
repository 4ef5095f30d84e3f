import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backendToken } from './rest.js';
import { newPerson, type Person } from './people.js';
import type { Systems } from './systems.js';

/** Where the running system is, as its operator would tell a caller. */
export interface Place {
  readonly url: string;
  readonly grpcUrl: string;
  readonly topics: string;
  readonly dataDir: string;
  readonly secretsDir: string;
}

/** What the people and programs of the journey know and remember. Outlives a restart of the system. */
export class World {
  readonly ida: Person = newPerson('Ida', 'Holm');
  readonly bo: Person = newPerson('Bo', 'Jensen');
  readonly #notes = new Map<string, string>();

  constructor(
    public place: Place,
    readonly systems: Systems,
    /** Where the systems of the group keep what is theirs. */
    readonly systemsDir: string,
  ) {}

  note(name: string, value: string): void {
    this.#notes.set(name, value);
  }

  noted(name: string): string {
    const value = this.#notes.get(name);
    if (value === undefined) throw new Error(`Nothing was noted of ${name}: an earlier step was left out`);
    return value;
  }

  secret(clientId: string): string {
    return readFileSync(join(this.place.secretsDir, 'clients', clientId), 'utf8').trim();
  }

  token(clientId: string, scope: string): Promise<string> {
    return backendToken(this.place.url, clientId, this.secret(clientId), scope);
  }
}

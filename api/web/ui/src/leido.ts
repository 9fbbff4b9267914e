import type { Problem } from './net/problem';

/** Something read for one screen: what came, what went wrong, and a way to ask again. */
export interface Lectura<T> {
  datos: T | undefined;
  /** Why what is asked now could not be read; with `datos`, those are of the reading before. */
  problem: Problem | undefined;
  /** `datos` answer what was asked before; what is asked now is on its way. */
  anterior: boolean;
  releer: () => void;
}

/** What is known of the readings of one screen, each with the question that it answers. */
export interface Leido<T> {
  answer?: { question: string; datos: T };
  failure?: { question: string; problem: Problem };
}

/**
 * After a failed reading. What could not be read for the moment leaves what the same
 * question was answered before; a refusal leaves nothing, nor does another question.
 */
export function fallo<T>({ answer }: Leido<T>, question: string, problem: Problem): Leido<T> {
  const failure = { question, problem };
  // At a 401 the login form is already asking.
  const stays = answer?.question === question && (problem.transient || problem.status === 401);
  return stays ? { answer, failure } : { failure };
}

/** What of it is shown while `question` is asked. */
export function mostrar<T>({ answer, failure }: Leido<T>, question: string): Omit<Lectura<T>, 'releer'> {
  return {
    datos: answer?.datos,
    problem: failure?.question === question ? failure.problem : undefined,
    anterior: answer !== undefined && answer.question !== question,
  };
}

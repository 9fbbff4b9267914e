import type { Bearer } from './http';
import { noAnswer, Problem, problemFrom } from './problem';

export interface UploadOptions {
  /** The same key for every attempt at the same file. */
  key: string;
  /** How much has left this machine, from 0 to 1. */
  progress: (share: number) => void;
  signal: AbortSignal;
}

/** Refused whatever its type; the setting of a server may be another. */
export const LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Sends one file as a form. By `XMLHttpRequest`, because `fetch` does not tell how
 * far it is. A token that is over is renewed once, like everywhere.
 */
export async function upload<T>(bearer: Bearer, path: string, file: File, options: UploadOptions): Promise<T> {
  let response = await send(bearer.token(), path, file, options);
  if (response.status === 401 && await bearer.renew()) response = await send(bearer.token(), path, file, options);
  if (!response.ok) throw await problemFrom(response);
  return await response.json() as T;
}

function send(token: string | undefined, path: string, file: File, { key, progress, signal }: UploadOptions): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    signal.addEventListener('abort', stop, { once: true });
    request.open('POST', path);
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Idempotency-Key', key);
    if (token) request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const after = request.getResponseHeader('Retry-After');
      resolve(new Response(request.responseText, { status: request.status, headers: after ? { 'Retry-After': after } : {} }));
    };
    // A server that refuses a body before its end may cut the line: its answer is lost.
    request.onerror = () => reject(file.size > LIMIT_BYTES ? tooBig() : noAnswer(undefined));
    request.onabort = () => reject(signal.reason instanceof Error ? signal.reason : noAnswer(undefined));
    request.onloadend = () => signal.removeEventListener('abort', stop);
    const form = new FormData();
    form.append('archivo', file);
    request.send(form);
  });
}

function tooBig(): Problem {
  return new Problem({ status: 413, codigo: 'archivo_grande', detail: 'El archivo es demasiado grande para adjuntarlo.' });
}

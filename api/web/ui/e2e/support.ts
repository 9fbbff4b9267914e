/**
 * What the browser tests share: the system they talk to, browsers as people have
 * them, and what must hold of every page.
 *
 *   BASE_URL          where the system listens, e.g. http://127.0.0.1:8080
 *   CREDENTIALS_FILE  dev-credentials.json: {"usuarios": [{"rol", "email", "password"}]}
 *   SHOT_DIR          where pictures are left; none are taken without it
 *   CHROMIUM          the browser, /usr/bin/chromium by default
 *
 * The system needs at least one Efectivo on duty, free, with a position.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { chromium } from 'playwright-core';
import { expect } from 'vitest';

export const base = need('GAD_E2E_URL', 'BASE_URL');

export interface Cuenta {
  rol: string;
  email: string;
  password: string;
}
const { usuarios } = JSON.parse(readFileSync(need('CREDENTIALS_FILE'), 'utf8')) as { usuarios: Cuenta[] };

const shots = process.env['SHOT_DIR'];
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** What the pages complained about; must stay empty. */
export const complaints: string[] = [];
/** Addresses outside the system that any page asked for; must stay empty. */
export const strangers: string[] = [];

export function cuenta(rol: string): Cuenta {
  const found = usuarios.find((u) => u.rol === rol);
  if (!found) throw new Error(`no ${rol} among the credentials`);
  return found;
}

export function launch(more: string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [...FLAGS, ...more],
    // Software drawing is what a machine without a GPU really gets; no flag may better it.
    ignoreDefaultArgs: ['--enable-unsafe-swiftshader'],
  });
}

/** A browser of one person: his pages share his session. */
export async function open(from: Browser): Promise<BrowserContext> {
  const opened = await from.newContext({ locale: 'es-AR', reducedMotion: 'reduce' });
  opened.on('page', (added) => {
    added.on('pageerror', (error) => complaints.push(error.message));
    added.on('console', (message) => {
      // A machine that is busy for a moment asks to come again (503), and the page does.
      if (message.type() !== 'error' || message.text().includes('status of 503')) return;
      // What did not load says so without saying what: its address does.
      complaints.push(`${message.text()} ${message.location().url}`);
    });
    added.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol.startsWith('http') && host !== new URL(base).host) strangers.push(request.url());
    });
  });
  return opened;
}

export async function newPage(of: BrowserContext, width: number, height: number, colorScheme: 'dark' | 'light'): Promise<Page> {
  const page = await of.newPage();
  // A loaded machine is slow, not wrong: what is waited for has long to come.
  page.setDefaultTimeout(90_000);
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  return page;
}

export async function login(at: Page, { email, password }: Pick<Cuenta, 'email' | 'password'>): Promise<void> {
  await at.locator('#email').fill(email);
  await at.locator('#password').fill(password);
  await at.locator('.ingreso button[type=submit]').click();
}

/** How often who is asked to come again does so. */
const TRIES = 20;

/** Orders something without a page, as somebody else's program would: when the server is busy it comes again, with the same key. */
export async function ask<T>(path: string, body: object, token?: string, method: 'POST' | 'PATCH' = 'POST'): Promise<T> {
  const who = token ? { Authorization: `Bearer ${token}`, 'Idempotency-Key': randomUUID() } : {};
  return told(path, () => fetch(`${base}/api/v1${path}`, { method, headers: { 'Content-Type': 'application/json', ...who }, body: JSON.stringify(body) }));
}

/** Reads something without a page. */
export async function read<T>(path: string, token: string): Promise<T> {
  return told(path, () => fetch(`${base}/api/v1${path}`, { headers: { Authorization: `Bearer ${token}` } }));
}

async function told<T>(path: string, send: () => Promise<Response>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const answer = await send();
    const text = await answer.text();
    if (answer.status === 503 && tries < TRIES) {
      await new Promise((again) => { setTimeout(again, Number(answer.headers.get('Retry-After') ?? 1) * 1_000); });
      continue;
    }
    expect(answer.ok, `${path}: ${text}`).toBe(true);
    return JSON.parse(text) as T;
  }
}

/** Orders by the page, with what it shows then, until it is taken: whoever is free now may be taken by the operation around it first. */
export async function taken(at: Page, path: string, order: () => Promise<void>): Promise<void> {
  const bad = at.locator('.aviso-mal');
  for (let tries = 0; tries < 5; tries++) {
    // Busy or silent, the server is asked again by the page itself: only its last word counts.
    const ends = [
      at.waitForResponse((one) => one.url().endsWith(path) && one.request().method() === 'POST' && one.ok()).then(() => true),
      bad.nth(await bad.count()).waitFor().then(() => false),
    ];
    for (const end of ends) end.catch(() => undefined);
    await order();
    if (await Promise.race(ends)) return;
    await bad.last().locator('button').click();
    complaints.length = 0;
  }
  throw new Error(`${path} was never taken`);
}

export async function token({ email, password }: Cuenta): Promise<string> {
  return (await ask<{ access_token: string }>('/auth/login', { email, password })).access_token;
}

/** Opens the dashboard in a browser whose person is logged in. */
export async function enter(at: Page): Promise<void> {
  await at.goto(base);
  await live(at);
}

export async function live(at: Page): Promise<void> {
  await at.locator('[data-conexion=live]').waitFor();
  // Until the page knows who sits there it offers, and takes, no order.
  await at.locator('.tablero:not([data-rol=""])').waitFor();
}

/** The demo's people are on duty, seen and free, three of them: who asks for help before has nobody to send. */
export async function someFree(at: Page): Promise<void> {
  await at.locator('[data-lista=efectivo] [role=option]', { hasText: 'visto hace' }).filter({ hasText: 'Disponible' }).nth(2)
    .waitFor({ state: 'attached' });
}

/** Goes to a page by the menu. */
export async function goTo(at: Page, text: string): Promise<void> {
  await at.locator('.cabecera-menu').click();
  await at.locator('.menu nav button', { hasText: text }).click();
}

/** The overlay shows more than nothing: marks, grid and names are many colours. */
export async function drawn(at: Page): Promise<void> {
  await at.waitForFunction(() => {
    const canvas = document.querySelector<HTMLCanvasElement>('.mapa-capa');
    const pixels = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    const colours = new Set<number>();
    for (let i = 0; i < pixels.length && colours.size < 20; i += 16) {
      if (pixels[i + 3] === 255) colours.add(((pixels[i] ?? 0) << 16) | ((pixels[i + 1] ?? 0) << 8) | (pixels[i + 2] ?? 0));
    }
    return colours.size >= 20;
  });
}

/** Chooses the place in the middle of the map. */
export async function clickMap(at: Page): Promise<void> {
  const map = await at.locator('.mapa-caja').boundingBox();
  if (!map) throw new Error('the map has no box');
  await at.mouse.click(map.x + map.width / 2, map.y + map.height / 2);
}

export async function noSideways(at: Page): Promise<void> {
  const { scroll, view } = await at.evaluate(() => ({ scroll: document.documentElement.scrollWidth, view: innerWidth }));
  expect(scroll).toBeLessThanOrEqual(view);
}

export async function accessible(at: Page, where: string): Promise<void> {
  // Through the debugger: the page's own policy lets no inline script run.
  await at.evaluate(axeSource);
  const violations = await at.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (what: Document, options: object) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }> } };
    const result = await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    return result.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html} ${n.failureSummary ?? ''}`).join(' | ')}`);
  });
  expect(violations, where).toEqual([]);
}

export async function shot(at: Page, name: string): Promise<void> {
  if (shots) await at.screenshot({ path: join(shots, `${name}.png`) });
}

/** The six digits that an authenticator shows (RFC 6238), `steps` half minutes from now. */
export function totp(secret: string, steps = 0): string {
  const bits = [...secret.replace(/[\s=]/g, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const digest = createHmac('sha1', key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

function need(name: string, told = name): string {
  const value = process.env[name];
  if (!value) throw new Error(`set ${told}; the head of this file says what it is`);
  return value;
}

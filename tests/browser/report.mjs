// The HTML report in a real browser: node report.mjs BINARY [FOLDER OF FIXTURES]
// SHOTS=folder keeps screenshots there. CHROMIUM names another browser.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { hostile, revealed } from "./hostile.mjs";
import { large } from "./large.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [binary, fixtures] = [resolve(process.argv[2]), resolve(process.argv[3] ?? "../../fixtures")];
const shots = process.env.SHOTS && resolve(process.env.SHOTS);
const scratch = mkdtempSync(join(tmpdir(), "ddb-audit-"));
const WIDTHS = [1280, 390];
/** Milliseconds for a step and for a page with all its steps, on a machine that does other things too. */
const [STEP, PAGE] = [60_000, 300_000];

/** Name, folder, template of every audit. */
const audits = [
  ["clean", fixtures, "clean/template.yaml"],
  ["orders", fixtures, "orders/template.yaml"],
  ["inventory-cfn", fixtures, "inventory-cfn/template.json"],
  ["tickets", fixtures, "tickets/template.yaml"],
  ["reviews-cdk", fixtures, "reviews-cdk/cdk.out/Reviews.template.json"],
  ["nothing", join(scratch, "nothing"), "template.yaml"],
  ["hostile", hostile(join(scratch, "hostile")), "template.yaml"],
  ["large", large(join(scratch, "large"), 100, 60), "template.yaml"],
];
if (process.env.ALSO) audits.push(["also", resolve(process.env.ALSO), "template.yaml"]);

/** The report as a page, and as JSON for what the page must hold. */
async function audit(name, folder, template) {
  const [page, json] = ["html", "json"].map((format) => join(scratch, `${name}.${format}`));
  const options = { cwd: folder, timeout: PAGE, killSignal: "SIGKILL" };
  await promisify(execFile)(binary, [template, "--quiet", "--fail-on", "never", "-o", page, "-o", json], options);
  return [pathToFileURL(page).href, JSON.parse(readFileSync(json, "utf8"))];
}

/** What is wrong with the places of things: pairs that lie on each other, things that stick out, a page that scrolls sideways. */
function crowding() {
  const shown = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.checkVisibility());
  const name = (e) => `${e.tagName} ${e.id} ${e.textContent.trim().slice(0, 40)}`;
  const wrong = [];
  const apart = (elements) => {
    const boxes = elements.map((e) => [e, e.getBoundingClientRect()]);
    boxes.forEach(([a, p], i) => boxes.slice(i + 1).forEach(([b, q]) => {
      const over = Math.min(p.right, q.right) - Math.max(p.left, q.left) > 0.6 && Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top) > 0.6;
      if (over) wrong.push(`${name(a)} lies on ${name(b)}`);
    }));
  };
  apart(shown("svg.map .node"));
  apart(shown("svg.map text"));
  apart(shown("#filters button, #filters label, #filters output, #theme, header h1, .of"));
  apart(shown("main h2, main h3, main h4, main h5"));
  apart(shown(".tile"));
  for (const node of shown("svg.map .node")) {
    const box = node.querySelector("rect").getBoundingClientRect();
    for (const text of node.querySelectorAll("text")) {
      const words = text.getBoundingClientRect();
      if (words.left < box.left || words.right > box.right) wrong.push(`${name(node)}: the words stick out`);
    }
  }
  if (document.documentElement.scrollWidth > document.documentElement.clientWidth) wrong.push("the page scrolls sideways");
  for (const text of shown("svg.map text")) {
    if (text.getBoundingClientRect().height < 9) wrong.push(`${name(text)}: too small to read`);
  }
  return wrong;
}

const visible = (page, selector) => page.$$eval(selector, (all) => all.filter((e) => e.checkVisibility()).length);
const names = (page, selector) =>
  page.$$eval(selector, (all) => all.filter((e) => e.checkVisibility()).map((e) => e.dataset.name).sort());
const sorted = (values) => [...values].sort();

async function accessible(page, what) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const found = violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 140)} ${n.failureSummary}`).join("; ")}`);
  assert.deepEqual(found, [], `axe-core, ${what}`);
}

async function picture(page, json) {
  for (const [width, shape] of [[1280, "wide"], [390, "tall"]]) {
    await page.setViewportSize({ width, height: 900 });
    assert.deepEqual(await names(page, `svg.${shape} .node.lambda`), sorted(json.functions.map((f) => revealed(f.id))), "every Lambda is drawn");
    assert.deepEqual(await names(page, `svg.${shape} .card:not(.undeclared) .node.table`), sorted(json.tables.map((t) => revealed(t.id))), "every table is drawn");
    const unused = json.tables.flatMap((t) => t.indexes.filter((i) => i.status === "unused").map((i) => revealed(i.name)));
    assert.deepEqual(await names(page, `svg.${shape} .node.dead`), sorted(unused), "every unused index is marked");
  }
}

async function filters(page, json) {
  const count = () => visible(page, ".finding");
  assert.equal(await count(), json.findings.length, "all findings are shown");
  if (json.findings.length === 0) return;
  const levels = [...new Set(json.findings.map((f) => f.severity))];
  for (const level of levels) {
    await page.click(`#filters [data-level="${level}"]`);
    const left = json.findings.filter((f) => f.severity !== level).length;
    assert.equal(await count(), left, `without ${level}`);
    assert.equal(await page.textContent("#count"), `${left} of ${json.findings.length} shown`);
    await page.click(`#filters [data-level="${level}"]`);
  }
  for (const [field, attribute, all] of [["table", "tables", json.tables], ["function", "functions", json.functions]]) {
    const each = await page.$$eval(".finding", (all, a) => all.map((f) => f.dataset[a].split(" ")), attribute);
    let some = 0;
    for (const [i] of all.slice(0, 12).entries()) {
      await page.selectOption(`#filters [name="${field}"]`, String(i));
      const expected = each.filter((ids) => ids.includes(String(i))).length;
      assert.equal(await count(), expected, `${field} ${i}`);
      some += expected;
    }
    if (all.length <= 12 && each.some((ids) => ids[0] !== "")) assert.ok(some > 0, `some findings have a ${field}`);
    await page.selectOption(`#filters [name="${field}"]`, "");
  }
  await page.fill('#filters [name="text"]', "no finding says this");
  assert.equal(await count(), 0, "text that nothing holds");
  assert.equal(await visible(page, ".issue, .level"), 0, "no heading without a finding");
  await page.click('#filters [type="reset"]');
  await page.waitForFunction((n) => document.querySelector("#count").textContent.startsWith(`${n} of`), json.findings.length);
}

async function keyboard(page) {
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.keyboard.press("Tab");
  for (const selector of ["svg.wide .node.lambda", "svg.wide .edge", "svg.wide .node.table", "svg.wide .node.index"]) {
    if ((await page.$(selector)) === null) continue;
    await page.focus(selector);
    const label = await page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("Enter");
    assert.ok(await page.isVisible("#panel"), `Enter on ${label} opens the panel`);
    assert.ok((await page.textContent("#panel-body")).trim().length > 0, "with evidence");
    assert.equal(await page.evaluate(() => document.activeElement.id), "panel", "and goes there");
    await page.keyboard.press("Escape");
    assert.ok(!(await page.isVisible("#panel")), "Escape closes it");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), label, "and goes back");
  }
  if ((await page.$("svg.wide .edge")) === null) return;
  // From the first box on, Tab leads on to a line or box with a visible focus.
  await page.focus("svg.wide .node");
  await page.keyboard.press("Tab");
  assert.ok(await page.evaluate(() => document.activeElement.matches(".edge, .node")), "Tab leads through the picture");
  await page.focus("svg.wide .edge");
  await page.keyboard.press("Enter");
  const call = await page.$("#panel-body a[href^='#call-']");
  if (call) {
    await call.press("Enter");
    assert.ok(await page.isVisible("#panel-body .excerpt"), "a call shows its source lines");
  }
  await page.keyboard.press("Escape");
}

/** The page has its own elements only, and nothing that could do something. */
async function inert(page) {
  const foreign = await page.evaluate(() => {
    const handlers = [...document.querySelectorAll("*")].filter((e) => e.getAttributeNames().some((name) => /^(on|src|srcdoc|style)/.test(name)));
    const elements = document.querySelectorAll("img, iframe, object, embed, base, template, a:not([href^='#'])");
    return [...handlers, ...elements].map((e) => e.outerHTML.slice(0, 200));
  });
  assert.deepEqual(foreign, [], "no element that isn't the page's own");
  assert.equal(await page.locator("script").count(), 1, "one script");
  assert.equal(await page.evaluate(() => document.compatMode), "CSS1Compat");
}

async function print(page) {
  await page.emulateMedia({ media: "print" });
  assert.equal(await visible(page, ".control, nav, #panel"), 0, "controls are not printed");
  assert.equal(await visible(page, "main"), 1, "the audit is");
  await page.emulateMedia({ media: "screen" });
}

/** The top of each section: a whole page may be too long for one picture. */
async function photograph(page, name) {
  for (const id of ["summary", "map", "issues", "iam", "tables"]) {
    if ((await page.$(`#${id}`)) === null) continue;
    await page.evaluate((id) => (id === "summary" ? scrollTo(0, 0) : document.getElementById(id).scrollIntoView()), id);
    await page.screenshot({ path: join(shots, `${name}-${id}.png`) });
  }
  await page.evaluate(() => scrollTo(0, 0));
}

async function check(browser, [name, folder, template]) {
  const [url, json] = await audit(name, folder, template);
  const odd = [];
  const context = await browser.newContext({ reducedMotion: "reduce" });
  context.setDefaultTimeout(STEP);
  const page = await context.newPage();
  page.on("console", (message) => odd.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => odd.push(`error: ${error}`));
  page.on("dialog", (dialog) => { odd.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => { if (request.url() !== url && request.url() !== "data:,") odd.push(`request: ${request.url()}`); });
  await page.exposeFunction("owned", () => odd.push("a foreign script has run"));
  // What the colours are doesn't depend on the size.
  for (const colorScheme of name === "large" ? ["light"] : ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.goto(url);
    assert.equal(await page.evaluate(() => document.documentElement.classList.contains("js")), true, "the script runs");
    // Before axe-core, which leaves traces.
    await inert(page);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual((await page.evaluate(crowding)).slice(0, 10), [], `at ${width}`);
      if (name !== "large") await accessible(page, `${colorScheme}, ${width}`);
      if (shots) await photograph(page, `${name}-${width}-${colorScheme}`);
    }
    if (colorScheme === "dark") continue;
    await picture(page, json);
    await filters(page, json);
    await keyboard(page);
    await print(page);
    const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.click("#theme");
    assert.equal(await page.textContent("#theme"), "Light theme");
    assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), before, "the theme changes");
    if (name === "orders") {
      await page.click("svg.wide .node.table");
      await accessible(page, "with the panel open");
      if (shots) await page.screenshot({ path: join(shots, "panel.png") });
    }
  }
  assert.deepEqual(odd, [], "no message, no request");
  await context.close();
  await withoutScript(browser, url, json);
}

/** Without JavaScript everything is there, and no control that would do nothing. */
async function withoutScript(browser, url, json) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(STEP);
  const page = await context.newPage();
  await page.goto(url);
  assert.equal(await page.locator(".finding:visible").count(), json.findings.length);
  assert.equal(await page.locator(".control:visible").count(), 0);
  await context.close();
}

/** Fails what takes too long, whatever it waits for. */
function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`not done within ${milliseconds} ms`)), milliseconds); });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

let failed = 0;
async function report(browser, one) {
  for (const last of [false, true]) {
    const start = Date.now();
    try {
      await within(PAGE, check(browser, one));
      console.log(`ok ${one[0]} (${Date.now() - start} ms)`);
      return;
    } catch (error) {
      // What is wrong stays wrong; a browser that was too slow or has crashed gets a second chance.
      const final = last || error instanceof assert.AssertionError;
      failed += final ? 1 : 0;
      console.log(`${final ? "FAILED" : "once more:"} ${one[0]}\n${error.stack}`);
      if (final) return;
    }
  }
}

mkdirSync(join(scratch, "nothing"));
writeFileSync(join(scratch, "nothing", "template.yaml"), "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n");
if (shots) mkdirSync(shots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  timeout: 2 * STEP,
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const only = process.env.ONLY?.split(",");
// The longest first.
const queue = audits.filter(([name]) => !only || only.includes(name)).reverse();
const [all, start] = [queue.length, Date.now()];
const worker = async () => { for (let one = queue.shift(); one; one = queue.shift()) await report(browser, one); };
await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, worker));
console.log(`${all - failed} pages passed, ${failed} failed (${Date.now() - start} ms)`);
await within(STEP, browser.close()).catch(() => {});
rmSync(scratch, { recursive: true });
process.exit(failed === 0 ? 0 : 1);

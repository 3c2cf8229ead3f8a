// The pages in a real browser: light and dark, wide and narrow, with and
// without script.  node pages.mjs http://127.0.0.1:PORT
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = process.argv[2];
const shots = process.env.SCREENSHOTS;
const axeSource = readFileSync(
  createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pages = {
  index: "/",
  flow: "/flows/web-open",
  partial: "/flows/half-open",
  unknown: "/flows/nobody-knows",
  changes: "/changes",
  "what-if": "/what-if?nic=nic-b&direction=Inbound&protocol=Tcp"
    + "&local_port=8080&remote_address=10.9.0.0%2F16&remote_port=*",
};
let checks = 0;
const failures = [];

const check = (what, holds, detail = "") => {
  checks++;
  if (!holds) {
    failures.push(`${what} ${detail}`);
    console.log(`FAILED ${what} ${detail}`);
  }
};

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run",
    "--disable-background-networking", "--disable-component-update"],
});

const open = async (options) => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.errors = [];
  page.on("console", (m) => m.type() === "error" && page.errors.push(m.text()));
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("dialog", (dialog) => {
    page.errors.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) {
      page.errors.push(`request to ${request.url()}`);
    }
  });
  return page;
};

const checkLook = async () => {
  for (const colorScheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries({
      wide: { width: 1280, height: 800 },
      narrow: { width: 320, height: 740 },
    })) {
      const page = await open({ colorScheme, viewport });
      for (const [name, path] of Object.entries(pages)) {
        const where = `${name} ${colorScheme} ${size}`;
        await page.goto(base + path);
        await page.evaluate(axeSource);
        const found = await page.evaluate(() => axe.run(document, {
          runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa",
            "best-practice"],
        }));
        check(`${where}: axe`, !found.violations.length,
          found.violations.map((v) =>
            `${v.id} ${v.nodes[0].target} ${v.nodes[0].failureSummary}`)
            .join("\n  "));
        const overflow = await page.evaluate(() =>
          document.documentElement.scrollWidth - innerWidth);
        check(`${where}: no sideways scrolling`, overflow <= 0,
          `${overflow} px`);
        await page.screenshot({
          path: join(shots, `${name}-${colorScheme}-${size}.png`),
          fullPage: name !== "index",
        });
      }
      check(`${colorScheme} ${size}: console`, !page.errors.length,
        page.errors.join("\n  "));
      await page.context().close();
    }
  }
};

const checkHostile = async () => {
  const page = await open({});
  for (const path of Object.values(pages)) {
    await page.goto(base + path);
    const scripts = await page.evaluate(() =>
      [...document.scripts].filter((s) => !s.src).length);
    check(`hostile text at ${path}`, scripts === 0);
  }
  await page.goto(base + "/flows/web-open");
  const text = await page.textContent("main");
  for (const part of ["shop x<script>alert(1)</script>",
    "nsg-x<script>alert(1)<b>",
    'because x<script>alert(1)</script> & "quotes"',
    "rg-a/x<script>alert(1)<b>"]) {
    check(`shown as text: ${part}`, text.includes(part));
  }
  await page.goto(base + "/?q=%3Cscript%3Ealert(1)%3C/script%3E");
  check("search is echoed as text", await page.inputValue("[name=q]")
    === "<script>alert(1)</script>");
  check("hostile: console", !page.errors.length, page.errors.join());
  await page.context().close();
};

// waitForFunction() needs eval, which the policy forbids: ask again and again.
const until = async (what, ask) => {
  for (let i = 0; i < 100; i++) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  check(what, false, "did not come");
};

const rowNames = (page) =>
  page.$$eval(".flows tbody th a", (links) => links.map((l) => l.textContent));

const checkFilters = async () => {
  const page = await open({});
  await page.goto(base + "/");
  check("violations first", (await rowNames(page))[0] === "web-must-be-closed"
    || (await rowNames(page))[0] === "half-open");
  await page.fill("[name=q]", "admin-denied");
  await until("1 rows", async () => (await rowNames(page)).length === 1);
  check("the search stands in the address", page.url().includes("q=admin"));
  check("the count is told", (await page.textContent("#count")) === "1 flow");
  check("focus stays in the search", await page.evaluate(() =>
    document.activeElement.name === "q"));
  await page.reload();
  check("the address brings the search back",
    (await rowNames(page)).join() === "admin-denied");
  await page.fill("[name=q]", "");
  await page.selectOption("[name=verdict]", "partial");
  await until("filter by verdict", async () =>
    (await rowNames(page)).join() === "half-open");
  await page.selectOption("[name=verdict]", "");
  await page.selectOption("[name=violated]", "true");
  await until("2 rows", async () => (await rowNames(page)).length === 2);
  check("filter by violation",
    (await rowNames(page)).sort().join() === "half-open,web-must-be-closed");
  await page.selectOption("[name=violated]", "");
  await page.fill("[name=q]", "many-");
  await until("100 rows", async () => (await rowNames(page)).length === 100);
  await page.click("th a.sort >> nth=0");
  await page.waitForSelector('th[aria-sort="ascending"]');
  await page.click("th a.sort >> nth=0");
  await page.waitForSelector('th[aria-sort="descending"]');
  check("sorted downwards", (await rowNames(page))[0] === "many-04999");
  await page.click("a[rel=next]");
  await until("the next page", async () =>
    (await rowNames(page))[0] === "many-04899");
  check("second page", (await rowNames(page)).length === 100);
  check("filters: console", !page.errors.length, page.errors.join());
  await page.context().close();
};

const checkRefresh = async () => {
  const page = await open({});
  await page.goto(base + "/");
  await page.click("#pause");
  check("pause is pressed",
    (await page.getAttribute("#pause", "aria-pressed")) === "true");
  let loads = 0;
  page.on("request", () => loads++);
  await page.click("#pause");
  await page.waitForTimeout(500);
  check("going on refreshes at once", loads >= 1);
  await page.context().close();
};

const checkKeyboard = async () => {
  const page = await open({});
  await page.goto(base + "/");
  await page.keyboard.press("Tab");
  check("first stop is the skip link", await page.evaluate(() =>
    document.activeElement.className === "skip"));
  await page.keyboard.press("Enter");
  check("it leads to the content", await page.evaluate(() =>
    document.activeElement.id === "main"));
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(() =>
      document.activeElement.closest(".flows tbody") !== null)) break;
  }
  await page.keyboard.press("Enter");
  await page.waitForURL("**/flows/**");
  check("a flow opens by keyboard", (await page.$("h1")) !== null);
  await page.context().close();
};

const checkNoScript = async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(base + "/");
  check("flows without script",
    (await page.$$(".flows tbody tr")).length === 100);
  check("no pause without script", !(await page.isVisible("#pause")));
  await page.fill("[name=q]", "admin-denied");
  await page.click("button[type=submit]");
  check("search without script",
    (await page.$$(".flows tbody tr")).length === 1);
  await page.click(".flows tbody th a");
  check("flow page without script",
    (await page.textContent("h1")) === "admin-denied");
  await page.goto(base + "/what-if");
  await page.fill("[name=nic]", "nic-b");
  await page.fill("[name=local_port]", "443");
  await page.fill("[name=remote_address]", "203.0.113.1");
  await page.click("button:text-is('Judge')");
  check("what if without script",
    (await page.textContent(".answer")).includes("allow"));
  await page.context().close();
};

const checkSpeed = async () => {
  const page = await open({});
  const start = Date.now();
  await page.goto(base + "/?q=many");
  const took = Date.now() - start;
  check("5,000 flows: page within a second", took < 1000, `${took} ms`);
  await page.context().close();
};

try {
  for (const step of [checkLook, checkHostile, checkFilters, checkRefresh,
    checkKeyboard, checkNoScript, checkSpeed]) {
    await step().catch((error) => check(step.name, false, String(error)));
  }
} finally {
  await browser.close();
}
console.log(`${checks - failures.length} of ${checks} checks passed`);
process.exit(failures.length ? 1 : 0);

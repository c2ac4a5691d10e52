"use strict";
// Everything that this does is a convenience: without it the page shows all, and links lead to the evidence.
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
  document.documentElement.classList.add("js");

  // Light and dark.
  const theme = $("#theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (document.documentElement.dataset.theme ?? (system.matches ? "dark" : "light")) === "dark";
  const showTheme = () => { theme.textContent = isDark() ? "Light theme" : "Dark theme"; };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = isDark() ? "light" : "dark";
    showTheme();
  });
  system.addEventListener("change", showTheme);
  showTheme();

  // Filters.
  const form = $("#filters");
  const has = (element, name, value) => (element.dataset[name] ?? "").split(" ").includes(value);
  function filter() {
    const levels = $$("[data-level]", form).filter((b) => b.getAttribute("aria-pressed") === "true").map((b) => b.dataset.level);
    const { table, function: lambda, text } = form.elements;
    const wanted = text.value.trim().toLowerCase();
    const of = (element) =>
      (!table.value || has(element, "tables", table.value)) && (!lambda.value || has(element, "functions", lambda.value));
    const findings = $$(".finding");
    for (const finding of findings) {
      const said = finding.closest(".issue").textContent;
      const own = $$(".finding", finding.closest(".issue")).length > 1 ? finding.textContent : said;
      finding.hidden = !(levels.includes(finding.dataset.level) && of(finding) && own.toLowerCase().includes(wanted));
    }
    for (const group of [...$$(".issue"), ...$$(".level")]) {
      group.hidden = !$(".finding:not([hidden])", group);
    }
    for (const part of $$("tr[data-tables], section.table")) part.hidden = table.value !== "" && !has(part, "tables", table.value);
    for (const row of $$("tr[data-functions]")) row.hidden = lambda.value !== "" && !has(row, "functions", lambda.value);
    for (const line of $$(".map .edge")) line.classList.toggle("dim", !of(line));
    for (const box of $$(".map .node:not(.table, .index)")) {
      const joined = $$(`.edge[data-user="${box.dataset.user}"]`, box.closest("svg")).some((line) => !line.classList.contains("dim"));
      const chosen = lambda.value !== "" && has(box, "functions", lambda.value);
      box.classList.toggle("dim", (lambda.value !== "" && !chosen) || (table.value !== "" && !joined));
    }
    for (const card of $$(".map .card")) {
      const id = card.dataset.tables ?? "none";
      const joined = $$(".edge:not(.dim)", card.closest("svg")).some((line) => line.dataset.tables === id);
      card.classList.toggle("dim", (table.value !== "" && table.value !== id) || (lambda.value !== "" && !joined));
    }
    const shown = findings.filter((finding) => !finding.hidden).length;
    $("#count").textContent = `${shown} of ${findings.length} shown`;
  }
  if (form) {
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", filter);
    form.addEventListener("click", (event) => {
      const chip = event.target.closest("[data-level]");
      if (!chip) return;
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      filter();
    });
    form.addEventListener("reset", () => {
      for (const chip of $$("[data-level]", form)) chip.setAttribute("aria-pressed", "true");
      setTimeout(filter);
    });
    filter();
  }

  // What belongs to the box under the pointer or the focus.
  for (const map of $$("svg.map")) {
    const near = (event) => {
      const box = event.target.closest(".node");
      const lines = $$(".edge", map);
      const is = (line) => {
        if (box.dataset.user) return line.dataset.user === box.dataset.user;
        const [, table, row] = box.getAttribute("href").split("-");
        const [, , to, index] = line.getAttribute("href").split("-");
        return to === table && (row === undefined || row === index);
      };
      const belonging = box ? lines.filter(is) : [];
      for (const line of lines) line.classList.toggle("near", belonging.includes(line));
      map.classList.toggle("busy", belonging.length > 0);
    };
    map.addEventListener("pointerover", near);
    map.addEventListener("focusin", near);
    map.addEventListener("pointerleave", near);
    map.addEventListener("focusout", () => map.classList.remove("busy"));
  }

  // Evidence beside the page.
  const panel = $("#panel");
  const body = $("#panel-body");
  let opener = null;
  function show(id) {
    const source = document.getElementById(id)?.closest(".evidence");
    if (!source) return false;
    const copy = source.cloneNode(true);
    copy.hidden = false;
    for (const element of [copy, ...$$("[id]", copy)]) element.removeAttribute("id");
    for (const element of $$("[aria-labelledby]", copy)) element.removeAttribute("aria-labelledby");
    for (const region of $$(".scroll", copy)) region.setAttribute("aria-label", `${region.getAttribute("aria-label")}, in the panel`);
    copy.removeAttribute("aria-labelledby");
    body.replaceChildren(copy);
    panel.hidden = false;
    panel.scrollTop = 0;
    panel.focus();
    return true;
  }
  function close() {
    if (panel.hidden) return;
    panel.hidden = true;
    for (const chosen of $$(".map .chosen")) chosen.classList.remove("chosen");
    opener?.focus();
    opener = null;
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const id = link.getAttribute("href").slice(1);
    const inside = panel.contains(link);
    if (/^table-/.test(id) && !inside) return;
    if (!/^(user|lambda|store|edge|call)-/.test(id)) {
      if (inside) close();
      return;
    }
    if (!inside) {
      for (const chosen of $$(".map .chosen")) chosen.classList.remove("chosen");
      link.classList.toggle("chosen", link.matches(".map a"));
      opener = link;
    }
    if (show(id)) event.preventDefault();
  });
  $("#panel-close").addEventListener("click", close);
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
})();

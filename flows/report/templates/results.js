"use strict";
{
  const root = document.documentElement, find = (q, of = document) => [...of.querySelectorAll(q)];
  const keep = (name, value) => { root.dataset[name] = value; try { localStorage.setItem(name, value); } catch { /* a file may not keep anything */ } };
  for (const name of ["lang", "theme"]) { try { const kept = localStorage.getItem(name); if (kept) root.dataset[name] = kept; } catch { /* as above */ } }
  const speak = () => { root.lang = root.dataset.lang === "en" ? "en" : "zh-CN"; };
  speak();
  for (const button of find("button[data-switch]")) button.hidden = false;
  find("input[type=search]").forEach(input => { input.hidden = false; });
  find("button[data-switch]").forEach(button => button.addEventListener("click", () => {
    if (button.dataset.switch === "lang") { keep("lang", root.dataset.lang === "en" ? "zh" : "en"); speak(); }
    else { const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches; keep("theme", dark ? "light" : "dark"); }
  }));
  find("input[type=search]").forEach(input => input.addEventListener("input", () => {
    const words = input.value.trim().toLowerCase().split(/\s+/);
    for (const row of find("[data-find]")) row.hidden = !words.every(word => row.dataset.find.includes(word));
  }));
  const value = cell => { const told = cell.dataset.sort ?? cell.querySelector("data")?.value ?? cell.textContent.trim(); const n = Number(told); return told !== "" && !Number.isNaN(n) ? n : told; };
  for (const table of find("table.sortable")) find("thead th", table).forEach((head, at) => {
    const button = document.createElement("button");
    button.append(...head.childNodes); head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      find("th", table.tHead).forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const rows = [...table.tBodies[0].rows].map((row, i) => [value(row.cells[at]), i, row]);
      rows.sort(([a, i], [b, j]) => (a === b ? i - j : (typeof a === typeof b ? (a < b ? -1 : 1) : typeof a === "number" ? -1 : 1) * (up ? 1 : -1)));
      table.tBodies[0].append(...rows.map(([, , row]) => row));
    });
  });
  const open = () => { const to = location.hash ? document.getElementById(decodeURIComponent(location.hash.slice(1))) : null; const box = to?.closest("details"); if (box) { box.open = true; to.scrollIntoView(); } };
  addEventListener("hashchange", open); open();
}

// The queue's keys: j and k go from case to case, Enter follows the link that has the focus, x marks.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !["j", "k", "x"].includes(event.key)) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select") || document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll("[data-case]")];
  const here = rows.indexOf(event.target.closest("[data-case]"));
  if (!rows.length) return;
  event.preventDefault();
  if (event.key === "x") {
    const box = rows[here]?.querySelector("input[type=checkbox]");
    if (box) box.checked = !box.checked;
    return;
  }
  const there = event.key === "j" ? Math.min(here + 1, rows.length - 1) : Math.max(here - 1, 0);
  rows[there].querySelector("a").focus();
  rows[there].scrollIntoView({ block: "nearest" });
});

// An address worth keeping has no empty fields in it.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-clean]")) return;
  const empty = [...event.target.elements].filter((field) => field.name && !field.value);
  empty.forEach((field) => { field.disabled = true; });
  setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
});

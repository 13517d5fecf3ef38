// The page of a case: keys between findings and decisions, the filter of the lines, the lock that stays while somebody reads.
"use strict";

const findings = [...document.querySelectorAll("[data-finding]")];
let current = -1;

function go(step) {
  if (!findings.length) return;
  current = Math.max(0, Math.min(findings.length - 1, current + step));
  findings.forEach((one, at) => one.classList.toggle("current", at === current));
  findings[current].focus({ preventScroll: true });
  findings[current].scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select")) return;
  if (event.key === "j") go(1);
  if (event.key === "k") go(-1);
  if (!["c", "r", "d"].includes(event.key)) return;
  const at = findings.findIndex((one) => one.contains(document.activeElement));
  current = at >= 0 ? at : Math.max(current, 0);
  const choice = findings[current] && findings[current].querySelector(`[data-choice="${event.key}"]`);
  if (!choice) return;
  event.preventDefault();
  choice.click();
  const field = { r: "amt", d: "reason" }[event.key];
  if (field) findings[current].querySelector(`[name^="${field}-"]`).focus();
  else go(0);
});

// How many findings have a decision, before anything is sent.
const done = document.querySelector("[data-done]");
function count() {
  if (done && done.textContent) done.textContent = findings.filter((one) => one.querySelector("[data-choice]:checked")).length;
}
document.addEventListener("change", count);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-confirm-all]")) return;
  findings.filter((one) => !one.querySelector("[data-choice]:checked")).forEach((one) => one.querySelector('[data-choice="c"]').click());
});
count();

// Which lines are shown: all or those that matter, of one day or of all.
const filter = document.querySelector("[data-lines]");
function sift() {
  const marked = filter.elements.which.value === "marked", day = filter.elements.day.value;
  document.querySelectorAll("table.lines tbody tr").forEach((row) => {
    row.hidden = (marked && !row.className) || (day !== "" && row.dataset.day !== day);
  });
}
if (filter) {
  filter.addEventListener("change", sift);
  filter.addEventListener("submit", (event) => event.preventDefault());
  // a link to a line that is filtered out shows it again
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#line-"]');
    const row = link && document.getElementById(decodeURIComponent((link.getAttribute("href")).slice(1)));
    if (row && row.hidden) { filter.reset(); sift(); }
  });
  document.addEventListener("htmx:afterSwap", sift);
}

// Leaving with decisions, or a finding, that were not saved is asked about; sending one of the two forms leaves the other.
const touched = new Set();
document.addEventListener("input", (event) => {
  if (event.target.form && ["decide", "enter"].includes(event.target.form.id)) touched.add(event.target.form);
});
document.addEventListener("submit", (event) => touched.delete(event.target));
addEventListener("beforeunload", (event) => { if (touched.size) event.preventDefault(); });

// The text of a rule: line numbers that grow with it, lines with faults marked, and the way from a fault to its line.
"use strict";

function number() {
  const text = document.getElementById("text"), gutter = document.getElementById("gutter");
  if (!text) return;
  const lines = text.value.split("\n").length;
  const bad = new Set([...document.querySelectorAll("#faults [data-line]")].map((one) => Number(one.dataset.line)));
  text.rows = lines;
  gutter.replaceChildren(...Array.from({ length: lines }, (_, at) => {
    const one = document.createElement("b");
    one.textContent = String(at + 1);
    if (bad.has(at + 1)) one.className = "bad";
    return one;
  }));
}

document.addEventListener("input", (event) => { if (event.target.id === "text") number(); });
document.addEventListener("DOMContentLoaded", number);
document.addEventListener("htmx:afterSwap", (event) => {
  number();
  // the editor shows another view or other examples: check it anew
  if (event.detail.target.id === "editor") document.getElementById("editing").dispatchEvent(new Event("turned"));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]"), text = document.getElementById("text");
  if (!link) return;
  event.preventDefault();
  if (!text) {
    const field = document.querySelector(`#editor [name="${link.dataset.field}"]`);
    if (field) field.closest("details")?.setAttribute("open", "");
    if (field) field.focus();
    return;
  }
  const rows = text.value.split("\n"), at = Number(link.dataset.line) - 1;
  const start = rows.slice(0, at).reduce((sum, row) => sum + row.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (rows[at] || "").length);
  text.scrollIntoView({ block: "nearest" });
});
